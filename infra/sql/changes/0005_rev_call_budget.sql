-- The call budget of one Rev account, shared by every instance: a GCRA on the database's clock. One for one Rev account, however many
-- rows of Integration_Authentication name it (docs/decisions/0070).
CREATE TABLE dbo.RevCallBudget (
    IntegrationAuthenticationId int NOT NULL,
    -- NULL: this row is its own budget; else the id of the row (the root) whose slots, pause, rate and count of the day hold for it.
    -- StoppedSince, StoppedReason and NextProbeAt stay this row's own: credentials are.
    SharesBudgetOf int NULL,
    -- The client code, without blanks around it, that the row of Integration_Authentication had when that was written; '' for none.
    ClientCode nvarchar(250) NOT NULL CONSTRAINT DF_RevCallBudget_ClientCode DEFAULT N'',
    -- The theoretical arrival time of the next call.
    NextSlotAt datetime2(7) NOT NULL,
    -- What is allowed at most, and a day; what is kept for other users of the account is taken off before.
    CallsPerMinute int NOT NULL,
    CallsPerDay int NOT NULL,
    Burst int NOT NULL,
    -- After a 429 the rate is halved and comes back by 5 % of CallsPerMinute a minute from ReducedAt on, the end of the pause.
    ReducedTo int NULL,
    ReducedAt datetime2(3) NULL,
    -- Nobody calls before: the later of what Rev asked for (RevPausedUntil) and what a person said.
    PausedUntil datetime2(3) NULL,
    RevPausedUntil datetime2(3) NULL,
    -- Set when the account is misconfigured or refuses its credentials: one probe every 5 minutes until one succeeds.
    StoppedSince datetime2(3) NULL,
    StoppedReason nvarchar(1000) NULL,
    -- While stopped: when the next probe may be made.
    NextProbeAt datetime2(3) NULL,
    Today date NOT NULL,
    CallsToday int NOT NULL,
    CONSTRAINT PK_RevCallBudget PRIMARY KEY (IntegrationAuthenticationId)
);
