//! The HTML shells.

use crate::{SignIn, assets, escape::escaped};

/// The frame of every page.
const FRAME: &str = include_str!("shell.html");

/// The pages of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// Devices: find them, pick them.
    Index,
    /// The way from picked devices to a submitted request.
    AssociateCustomer,
    /// Bulk changes, or one of them (`?id=`).
    BulkChanges,
    /// One device.
    DeviceDetails,
    /// Where signing in begins and ends.
    SignIn,
}

/// A page as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// The document.
    pub html: String,
    /// `Content-Security-Policy`: our own scripts and styles, our own API and the issuer's token endpoint, and nothing else.
    pub content_security_policy: String,
}

impl Page {
    /// Every page.
    pub const ALL: [Self; 5] = [
        Self::Index,
        Self::AssociateCustomer,
        Self::BulkChanges,
        Self::DeviceDetails,
        Self::SignIn,
    ];

    /// Its path, with the placeholders of a route.
    #[must_use]
    pub fn route(self) -> &'static str {
        match self {
            Self::Index => "/M2M/Index",
            Self::AssociateCustomer => "/M2M/AssociateCustomer",
            Self::BulkChanges => "/M2M/BulkChanges",
            Self::DeviceDetails => "/M2M/DeviceDetails/{deviceId}",
            Self::SignIn => "/M2M/SignIn",
        }
    }

    /// The page of a route.
    #[must_use]
    pub fn at(route: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.route() == route)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::AssociateCustomer => "associate_customer",
            Self::BulkChanges => "bulk_changes",
            Self::DeviceDetails => "device_details",
            Self::SignIn => "sign_in",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Index => "Devices",
            Self::AssociateCustomer => "Assign devices",
            Self::BulkChanges => "Bulk changes",
            Self::DeviceDetails => "Device",
            Self::SignIn => "Sign in",
        }
    }

    pub(crate) fn script(self) -> String {
        format!("js/pages/{}.js", self.name())
    }

    pub(crate) fn style(self) -> String {
        format!("css/pages/{}.css", self.name())
    }
}

/// The shell of a page.
#[must_use]
pub fn page(page: Page, sign_in: &SignIn) -> Shell {
    // An enum of texts always serialises.
    let told = serde_json::to_string(sign_in).unwrap_or_default();
    let script = page.script();
    let mut preloads = String::new();
    for module in assets::imports(&script) {
        preloads.push_str("<link rel=\"modulepreload\" href=\"{{assets}}/");
        preloads.push_str(&module);
        preloads.push_str("\">\n");
    }
    let html = FRAME
        .replace("{{preloads}}\n", &preloads)
        .replace("{{title}}", page.title())
        .replace("{{page}}", page.name())
        .replace("{{script}}", &script)
        .replace("{{style}}", &page.style())
        .replace("{{assets}}", &format!("/assets/{}", assets::hash()))
        // Last, so that nothing in it is taken for a placeholder.
        .replace("{{sign-in}}", &escaped(&told));
    Shell {
        html,
        content_security_policy: policy(sign_in),
    }
}

fn policy(sign_in: &SignIn) -> String {
    let issuer = match sign_in {
        SignIn::Possible(client) => format!(" {}", client.token_origin),
        SignIn::NotConfigured | SignIn::Unavailable => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'{issuer}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Client;

    fn client() -> SignIn {
        SignIn::Possible(Client {
            issuer: "https://issuer.example".to_owned(),
            client_id: "\"><script>{{assets}}".to_owned(),
            scope: "openid".to_owned(),
            authorization_endpoint: "https://issuer.example/authorize".to_owned(),
            token_endpoint: "https://tokens.issuer.example/token".to_owned(),
            token_origin: "https://tokens.issuer.example".to_owned(),
            end_session_endpoint: None,
        })
    }

    #[test]
    fn a_shell_has_no_code_and_no_style_of_its_own() {
        for one in Page::ALL {
            let html = page(one, &SignIn::NotConfigured).html;
            assert!(!html.contains("{{"), "{one:?}");
            assert!(!html.contains(" style=") && !html.contains("<style"));
            assert!(!html.contains(" on"), "{one:?}");
            for script in html.split("<script").skip(1) {
                let (attributes, rest) = script.split_once('>').unwrap();
                assert!(attributes.contains(" src=\"/assets/"), "{attributes}");
                assert!(rest.starts_with("</script>"), "{one:?}");
            }
        }
    }

    #[test]
    fn what_is_configured_stays_inside_its_attribute() {
        let html = page(Page::Index, &client()).html;
        assert!(
            html.contains("&quot;&gt;&lt;script&gt;{{assets}}"),
            "{html}"
        );
    }

    #[test]
    fn a_page_talks_to_its_own_origin_and_to_the_token_endpoint() {
        let with = page(Page::Index, &client()).content_security_policy;
        assert!(with.contains("connect-src 'self' https://tokens.issuer.example;"));
        let without = page(Page::Index, &SignIn::Unavailable).content_security_policy;
        assert!(without.contains("connect-src 'self';"));
        for policy in [with, without] {
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
            assert!(!policy.contains("unsafe"));
        }
    }

    #[test]
    fn every_page_is_found_by_its_route() {
        for page in Page::ALL {
            assert_eq!(Page::at(page.route()), Some(page));
        }
        assert_eq!(Page::at("/M2M/BulkChangeStatus/{id}"), None);
    }
}
