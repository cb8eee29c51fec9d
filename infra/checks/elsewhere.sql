-- What an AltaworxCentral that exists may have beside infra/sql/central: known to the check of the SQL, never applied.
CREATE PROCEDURE dbo.usp_UpdateDevice_RevServiceLinks
AS
BEGIN
    SET NOCOUNT ON;
END;
