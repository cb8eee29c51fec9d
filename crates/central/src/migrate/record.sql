-- Records a file, first in the transaction that applies it: of two runners the second waits here and gets 2627.
INSERT INTO dbo.BulkChangeMigrations (Name, Checksum) VALUES (@P1, @P2);
