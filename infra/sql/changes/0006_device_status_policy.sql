-- Which device statuses allow assignment; a status without a row follows DeviceStatus.IsActiveStatus.
CREATE TABLE dbo.DeviceStatusPolicy (
    DeviceStatusId int NOT NULL,
    AllowsAssignment bit NOT NULL,
    CONSTRAINT PK_DeviceStatusPolicy PRIMARY KEY (DeviceStatusId),
    CONSTRAINT FK_DeviceStatusPolicy_DeviceStatus FOREIGN KEY (DeviceStatusId) REFERENCES dbo.DeviceStatus (id)
);
