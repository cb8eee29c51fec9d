-- Writes a DeviceHistory snapshot of each device named and of its assignment in the tenant.
-- Called once per distinct date and provider. Safe to run twice: it adds a second snapshot of the same state, which a reader
-- of the newest snapshot does not see. Device ids that do not exist, or that belong to another provider, are passed over.
-- An AltaworxCentral that exists has its own procedure of this name, and keeps it.
CREATE PROCEDURE dbo.usp_UpdateCrossProviderDeviceHistory (
    @m2mDeviceIds nvarchar(max),
    @mobilityDeviceIds nvarchar(max),
    @portalTypeId int,
    @tenantId int,
    @serviceProviderId int,
    @effectiveDate date
)
AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO dbo.DeviceHistory (
        DeviceId, ServiceProviderId, ICCID, IMSI, MSISDN, IMEI, EID, DeviceStatusId, Status, CarrierRatePlanId, RatePlan,
        CommunicationPlan, LastUsageDate, APN, Package, BillingCycleEndDate, BillYear, BillMonth,
        CtdDataUsage, CtdSmsUsage, CtdVoiceUsage, CtdSessionCount, OverageLimitReached, OverageLimitOverride,
        LastActivatedDate, ProviderDateAdded, ProviderDateActivated, OldDeviceStatusId, OldCtdDataUsage, OldCtdSmsUsage, OldCtdVoiceUsage,
        OldCtdSessionCount, CostCenter, Username, BillingPeriodId, DeviceDescription,
        IpAddress, DeviceTenantId, TenantId, AccountNumber, SiteId, CustomerRatePlanId, CustomerRatePoolId,
        CustomerDataAllocationMB, ChangedDate, EffectiveDate, CreatedBy, CreatedDate, IsActive, IsDeleted)
    SELECT
        d.id, d.ServiceProviderId, d.ICCID, d.IMSI, d.MSISDN, d.IMEI, d.EID, d.DeviceStatusId, d.Status, d.CarrierRatePlanId, d.RatePlan,
        d.CommunicationPlan, d.LastUsageDate, d.APN, d.Package, d.BillingCycleEndDate, d.BillYear, d.BillMonth,
        d.CtdDataUsage, d.CtdSmsUsage, d.CtdVoiceUsage, d.CtdSessionCount, d.OverageLimitReached, d.OverageLimitOverride,
        d.LastActivatedDate, d.ProviderDateAdded, d.ProviderDateActivated, d.OldDeviceStatusId, d.OldCtdDataUsage, d.OldCtdSmsUsage, d.OldCtdVoiceUsage,
        d.OldCtdSessionCount, d.CostCenter, d.Username, d.BillingPeriodId, d.DeviceDescription,
        d.IpAddress, dt.id, dt.TenantId, dt.AccountNumber, dt.SiteId, dt.CustomerRatePlanId, dt.CustomerRatePoolId,
        dt.CustomerDataAllocationMB, SYSUTCDATETIME(), @effectiveDate, N'usp_UpdateCrossProviderDeviceHistory', SYSUTCDATETIME(), d.IsActive, d.IsDeleted
    FROM dbo.Device AS d
    INNER JOIN dbo.Device_Tenant AS dt ON dt.DeviceId = d.id AND dt.TenantId = @tenantId
    WHERE d.ServiceProviderId = @serviceProviderId
      AND d.id IN (SELECT TRY_CAST(ids.value AS int) FROM STRING_SPLIT(@m2mDeviceIds, N',') AS ids);
END;
