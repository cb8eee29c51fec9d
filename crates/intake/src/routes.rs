//! Every route, once. The router is made of this list, and so are the tests that each of them is described (OpenAPI), deployed
//! (template.yaml) and tried with the ids of another tenant.

use axum::{
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};
use portal::Page;

use crate::{
    Intake, associate, bulk_changes, customers, device, health, inventory, openapi, pages, status,
};

/// One route. GET answers HEAD too.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// With the names of its parts in braces.
    pub(crate) path: &'static str,
    pub(crate) handler: MethodRouter<Intake>,
}

fn get<T: 'static>(path: &'static str, handler: impl Handler<T, Intake>) -> Route {
    Route {
        method: Method::GET,
        path,
        handler: routing::get(handler),
    }
}

fn post<T: 'static>(path: &'static str, handler: impl Handler<T, Intake>) -> Route {
    Route {
        method: Method::POST,
        path,
        handler: routing::post(handler),
    }
}

/// All of them. On the path of a page a browser gets the page, whatever stands here ([`pages::or_data`]).
pub(crate) fn all() -> Vec<Route> {
    vec![
        get(Page::Index.route(), inventory::list),
        get(inventory::EXPORT_ROUTE, inventory::export),
        get(Page::AssociateCustomer.route(), pages::only_a_page),
        post(associate::ROUTE, associate::post),
        get(Page::BulkChanges.route(), bulk_changes::list),
        get(status::ROUTE, status::show),
        get(status::LOG_ROUTE, status::log),
        get(Page::DeviceDetails.route(), device::details),
        get("/M2M/GetRevCustomers", customers::list),
        get(Page::SignIn.route(), pages::only_a_page),
        get("/", pages::home),
        get(pages::ASSETS, pages::asset),
        get("/api/customers/{customerId}/sites", customers::sites),
        get(
            "/api/rate-plans/customer/{customerId}",
            customers::rate_plans,
        ),
        get("/api/devices/validate/{iccid}", device::validate),
        get("/api/devices/{deviceId}/history", device::history),
        get(health::ALIVE, health::alive),
        get(health::READY, health::ready),
        Route {
            method: Method::GET,
            path: openapi::ROUTE,
            handler: openapi::route(),
        },
    ]
}

/// Method and path of each.
#[must_use]
pub fn names() -> Vec<(Method, &'static str)> {
    all()
        .into_iter()
        .map(|route| (route.method, route.path))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_deployed_once_and_nothing_else() {
        let template = include_str!("../../../template.yaml");
        let mut deployed: Vec<String> = template
            .lines()
            .filter_map(|line| line.trim().strip_prefix("RouteKey: "))
            .map(str::to_owned)
            .collect();
        let mut routes: Vec<String> = names()
            .into_iter()
            // Asked from within, and of no use to anybody outside.
            .filter(|(_, path)| *path != health::READY)
            // How the gateway writes a part that takes the rest of the address.
            .map(|(method, path)| format!("{method} {path}").replace("{*path}", "{path+}"))
            .collect();
        deployed.sort();
        routes.sort();
        assert_eq!(deployed, routes);
    }

    /// `cargo lambda watch` forwards exactly the paths that the gateway does.
    #[test]
    fn a_path_leads_to_the_function_locally_as_it_does_when_deployed() {
        let manifest = include_str!("../../../Cargo.toml");
        let (_, router) = manifest
            .split_once("[workspace.metadata.lambda.watch.router]\n")
            .unwrap();
        let (router, _) = router.split_once("\n[").unwrap();
        let local: BTreeSet<&str> = router
            .lines()
            .filter_map(|line| line.strip_suffix(" = \"intake\""))
            .map(|path| path.trim_matches('"'))
            .collect();
        let deployed: BTreeSet<&str> = names()
            .into_iter()
            .map(|(_, path)| path)
            .filter(|path| *path != health::READY)
            .collect();
        assert_eq!(local, deployed);
    }
}
