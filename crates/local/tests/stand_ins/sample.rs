//! The sample data: what an association of each kind of device is answered.

use association::{
    actor::Actor,
    decide,
    ids::{RevCustomerId, ServiceProviderId, TenantId},
    plan::Reason,
    request::{AssociateRequest, Effective, Options, RevServiceOptions},
    service_line::Billed,
};
use central::{
    Central, Settings,
    check::check,
    migrate::{self, Which},
};
use embedded_sql_server::{
    database::{Database, Storage},
    server,
};
use local::sample::{self, Group, Loaded, customers, lay_down};

const URL: &str = "http://127.0.0.1:9300";

fn request(
    tenant: i32,
    group: Group,
    count: u32,
    line: bool,
    effective: Effective,
) -> AssociateRequest {
    AssociateRequest {
        devices: group.iccids(tenant, count),
        duplicates: Vec::new(),
        service_provider: ServiceProviderId::new(tenant).unwrap(),
        rev_customer: RevCustomerId::parse(customers(tenant)[0]).unwrap(),
        integration_authentication: None,
        effective,
        options: Options {
            rev_service: line.then_some(RevServiceOptions {
                service_type_id: 1,
                provider_id: 1,
                billed: Billed::Package(1),
                prorate: false,
                description: None,
                usage_plan_group_id: None,
                activated_date: None,
            }),
            ..Options::default()
        },
    }
}

#[tokio::test]
async fn every_group_is_answered_as_its_table_says() {
    let database = Database::open(&Storage::Memory, "AltaworxCentral").unwrap();
    let server = server::Server::start(server::Options::new(database))
        .await
        .unwrap();
    let settings = Settings::from_connection_string(&server.connection_string()).unwrap();
    migrate::apply(settings.clone(), Which::Both).await.unwrap();
    let options = sample::Options::new(URL);
    assert_eq!(
        lay_down(&settings, &options).await.unwrap(),
        Loaded::Fresh { devices: 5_000 }
    );
    assert_eq!(
        lay_down(&settings, &options).await.unwrap(),
        Loaded::AlreadyThere
    );
    let central = Central::connect(settings).await.unwrap();
    let today = Effective::SubmitDay;
    let expected = [
        (Group::Assignable, true, today, None),
        (Group::WithoutNumber, true, today, None),
        (Group::AllowedByPolicy, true, today, None),
        (
            Group::StatusRefused,
            true,
            today,
            Some(Reason::DeviceStatus),
        ),
        (Group::Archived, true, today, Some(Reason::DeviceArchived)),
        (
            Group::OfOtherCustomer,
            true,
            today,
            Some(Reason::AssignedToOtherCustomer),
        ),
        (
            Group::OfFirstCustomer,
            false,
            today,
            Some(Reason::AlreadyAssigned),
        ),
        (Group::OfFirstCustomer, true, today, None),
        (
            Group::WithLine,
            true,
            today,
            Some(Reason::ActiveServiceLine),
        ),
        (Group::WithDisconnectedLine, true, today, None),
        (
            Group::OfOtherTenant,
            true,
            today,
            Some(Reason::AssignedToOtherCustomer),
        ),
        (
            Group::WithoutActivation,
            false,
            Effective::CarrierActivation,
            Some(Reason::NoActivationDate),
        ),
        (Group::Assignable, false, Effective::CarrierActivation, None),
        (Group::Unknown, true, today, Some(Reason::DeviceNotFound)),
    ];
    for tenant in [1, 2] {
        let actor = Actor::from_verified_token(
            TenantId::new(tenant).unwrap(),
            i64::from(tenant),
            "test.user",
            false,
        );
        for (group, line, effective, reason) in expected {
            let count = group.size().max(10);
            let request = request(tenant, group, count, line, effective);
            let found = check(&central, &actor, &request, None).await.unwrap().found;
            let (accepted, rejected) = match decide::plan(&request, &found) {
                Ok(plan) => (plan.accepted.len(), plan.rejected),
                Err(refused) => {
                    assert_eq!(refused.errors, [], "{group:?}");
                    (0, refused.rejected)
                }
            };
            assert!(
                rejected.iter().all(|one| Some(one.code) == reason),
                "{group:?}: {:?}",
                rejected.first()
            );
            let refused = if reason.is_some() { count as usize } else { 0 };
            assert_eq!(rejected.len(), refused, "{group:?}");
            assert_eq!(accepted, count as usize - refused, "{group:?}");
        }
    }
    drop(server);
}
