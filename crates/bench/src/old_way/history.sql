-- Old way, once a page: a snapshot of each of its devices in the history across providers.
-- Run twice it adds the same snapshot again.
-- @P1 device ids with commas between, @P2 tenant, @P3 service provider, @P4 day from which it counts.
DECLARE @Devices nvarchar(max) = @P1;
DECLARE @TenantId int = @P2;
DECLARE @ServiceProviderId int = @P3;
DECLARE @Day date = @P4;
EXEC dbo.usp_UpdateCrossProviderDeviceHistory @Devices, N'', 0, @TenantId, @ServiceProviderId, @Day;
