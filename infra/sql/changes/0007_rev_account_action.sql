-- For people who run the system: what somebody did to a Rev account by hand.
CREATE TABLE dbo.RevAccountAction (
    Id bigint IDENTITY(1,1) NOT NULL,
    -- The account that was named, and the row of RevCallBudget that it acts on (accounts that are one at Rev share a row).
    IntegrationAuthenticationId int NOT NULL,
    BudgetId int NOT NULL,
    -- 'pause', 'resume'.
    Action varchar(10) NOT NULL,
    -- RevCallBudget.PausedUntil before, and until when a person paused it: 9999-12-31 is until somebody resumes it, NULL is resumed.
    PausedBefore datetime2(3) NULL,
    PausedUntil datetime2(3) NULL,
    ActedBy nvarchar(50) NOT NULL,
    Reason nvarchar(1000) NULL,
    ActedAt datetime2(3) NOT NULL CONSTRAINT DF_RevAccountAction_ActedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT PK_RevAccountAction PRIMARY KEY (Id),
    CONSTRAINT CK_RevAccountAction_Action CHECK (Action IN ('pause', 'resume'))
);
CREATE INDEX IX_RevAccountAction_Budget ON dbo.RevAccountAction (BudgetId, Id);
