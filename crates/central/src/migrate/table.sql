-- What the runner remembers. Two runners at once: the second gets 2714 here and looks again.
CREATE TABLE dbo.BulkChangeMigrations (
    -- Path below infra/sql.
    Name nvarchar(200) NOT NULL,
    -- SHA-256 of the file with LF line ends, in hexadecimal.
    Checksum char(64) NOT NULL,
    AppliedAt datetime2(3) NOT NULL CONSTRAINT DF_BulkChangeMigrations_AppliedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT PK_BulkChangeMigrations PRIMARY KEY (Name)
);
