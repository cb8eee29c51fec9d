//! One operation of the document, put together from what its route takes, answers and fails with.

use utoipa::openapi::{
    HttpMethod, Response, ResponsesBuilder,
    path::{Operation, OperationBuilder, Parameter},
    request_body::RequestBody,
    security::SecurityRequirement,
};

use super::problems;
use crate::{problem::Kind, token::Permission};

/// The token itself.
pub(super) const BEARER: &str = "bearer";
/// Where the token comes from.
pub(super) const SIGN_IN: &str = "signIn";

/// What operations are listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Submitting and watching.
    BulkChanges,
    /// Devices and their history.
    Devices,
    /// Customers and their plans.
    Customers,
    /// The portal.
    Pages,
    /// Liveness, and this document.
    Service,
}

impl Tag {
    pub(super) const ALL: [Self; 5] = [
        Self::BulkChanges,
        Self::Devices,
        Self::Customers,
        Self::Pages,
        Self::Service,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BulkChanges => "Bulk changes",
            Self::Devices => "Devices",
            Self::Customers => "Customers",
            Self::Pages => "Pages",
            Self::Service => "Service",
        }
    }

    pub(super) fn about(self) -> &'static str {
        match self {
            Self::BulkChanges => "Submit an association, and see what becomes of it.",
            Self::Devices => "Find devices, and see what is known of one.",
            Self::Customers => {
                "Customers that the caller may use, and what their devices can be given."
            }
            Self::Pages => {
                "The portal, for browsers: shells without data, which fetch it with the token. No token."
            }
            Self::Service => "About the API itself. No token.",
        }
    }
}

/// An operation in the making.
pub(super) struct Described {
    path: &'static str,
    method: HttpMethod,
    id: &'static str,
    tag: Tag,
    summary: &'static str,
    about: String,
    permission: Option<Permission>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    answers: Vec<(u16, Response)>,
    problems: Vec<Kind>,
}

impl Described {
    /// A GET; `id` names the operation for generated clients.
    pub(super) fn get(
        path: &'static str,
        id: &'static str,
        tag: Tag,
        summary: &'static str,
    ) -> Self {
        Self {
            path,
            method: HttpMethod::Get,
            id,
            tag,
            summary,
            about: String::new(),
            permission: None,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A POST.
    pub(super) fn post(
        path: &'static str,
        id: &'static str,
        tag: Tag,
        summary: &'static str,
    ) -> Self {
        Self {
            method: HttpMethod::Post,
            ..Self::get(path, id, tag, summary)
        }
    }

    /// More than the summary says.
    pub(super) fn about(self, about: &str) -> Self {
        Self {
            about: about.to_owned(),
            ..self
        }
    }

    /// A token with this permission.
    pub(super) fn needs(mut self, permission: Permission) -> Self {
        self.permission = Some(permission);
        self.fails(&[
            Kind::Unauthenticated,
            Kind::Forbidden,
            Kind::SignInUnavailable,
        ])
    }

    /// It asks the database, which may be away.
    pub(super) fn asks_the_database(self) -> Self {
        self.fails(&[Kind::DatabaseUnavailable, Kind::Internal])
    }

    pub(super) fn takes(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    pub(super) fn body(self, body: RequestBody) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// What it answers when all goes well.
    pub(super) fn answers(mut self, status: u16, response: Response) -> Self {
        self.answers.push((status, response));
        self
    }

    /// What it may fail with.
    pub(super) fn fails(mut self, kinds: &[Kind]) -> Self {
        self.problems.extend_from_slice(kinds);
        self
    }

    /// Path, method and the operation.
    pub(super) fn build(self) -> (&'static str, HttpMethod, Operation) {
        let mut about = self.about;
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.tag.name())
            .summary(Some(self.summary));
        if let Some(permission) = self.permission {
            let name = permission.name();
            about = format!("{about}\n\nNeeds the permission `{name}`.");
            for scheme in [BEARER, SIGN_IN] {
                operation = operation.security(SecurityRequirement::new(scheme, [name]));
            }
        }
        for parameter in self.parameters {
            operation = operation.parameter(parameter);
        }
        let mut responses = ResponsesBuilder::new();
        for (status, response) in self
            .answers
            .into_iter()
            .chain(problems::responses(&self.problems))
        {
            responses = responses.response(status.to_string(), response);
        }
        let operation = operation
            .description(Some(about.trim()).filter(|about| !about.is_empty()))
            .request_body(self.body)
            .responses(responses)
            .build();
        (self.path, self.method, operation)
    }
}
