//! The forms of answers: those of the types that are serialised, and of the domain's types, which know nothing of OpenAPI.

use std::{borrow::Cow, collections::BTreeMap};

use association::{
    limits::{LARGEST_ID, LONGEST_ICCID, SHORTEST_ICCID},
    plan::Reason,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    associate, bulk_changes, customers, device, inventory, listing::Listing, problem, status,
};

/// Members that an answer leaves out when there is nothing to say; every other one is always there, null where there is nothing.
const LEFT_OUT: [(&str, &str); 8] = [
    ("Problem", "errors"),
    ("Problem", "rejected"),
    ("RejectedDevice", "unfinished"),
    ("PreviewDevice", "number"),
    ("PreviewDevice", "activatedDate"),
    ("PreviewDevice", "queuedPlan"),
    ("Inventory", "facets"),
    ("Inventory", "missing"),
];

/// Every form that answers are made of, by name.
pub(super) fn schemas() -> BTreeMap<String, RefOr<Schema>> {
    forms()
        .into_iter()
        .map(|(name, schema)| {
            let schema = if name == "Accepted" {
                with_its_id(schema)
            } else {
                schema
            };
            let schema = complete(&name, schema);
            (name, schema)
        })
        .collect()
}

/// As the types tell them; those that several are made of come several times.
pub(super) fn forms() -> Vec<(String, RefOr<Schema>)> {
    let mut all = Vec::new();
    add::<problem::Document<'_>>(&mut all);
    add::<associate::Answer<'_>>(&mut all);
    add::<associate::Preview<'_>>(&mut all);
    add::<status::StatusView>(&mut all);
    add::<status::Log>(&mut all);
    add_list::<bulk_changes::Item>(&mut all);
    add_list::<customers::Item>(&mut all);
    add_list::<customers::Site>(&mut all);
    add::<customers::Plans>(&mut all);
    add_list::<device::Change>(&mut all);
    add::<device::Validation>(&mut all);
    add::<inventory::Inventory>(&mut all);
    add::<device::Details>(&mut all);
    all
}

/// A list of these, under a name of its own.
fn add_list<T: ToSchema>(all: &mut Vec<(String, RefOr<Schema>)>) {
    all.push((format!("{}List", T::name()), Listing::<T>::schema()));
    add::<T>(all);
}

fn add<T: ToSchema>(all: &mut Vec<(String, RefOr<Schema>)>) {
    all.push((T::name().into_owned(), T::schema()));
    T::schemas(all);
}

/// An answer has all its members.
fn complete(name: &str, schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.required = object
                .properties
                .keys()
                .filter(|member| !LEFT_OUT.contains(&(name, member.as_str())))
                .cloned()
                .collect();
            RefOr::T(Schema::Object(object))
        }
        // One form that holds the members of another beside its own.
        RefOr::T(Schema::AllOf(mut all)) => {
            let parts = all.items.into_iter();
            all.items = parts.map(|part| complete(name, part)).collect();
            RefOr::T(Schema::AllOf(all))
        }
        other => other,
    }
}

/// The write gives the id, and the path of the status with it.
fn with_its_id(schema: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(object)) = schema else {
        return schema;
    };
    let id = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("The bulk change."));
    let url = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Path of its status."));
    ObjectBuilder::from(object)
        .property("changeId", id)
        .property("statusUrl", url)
        .into()
}

/// Gives a domain type its form under a name of its own.
macro_rules! form {
    ($(#[$meta:meta])* $type:ident as $name:literal: $schema:expr) => {
        $(#[$meta])*
        pub(crate) struct $type;

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    };
}

form!(
    /// `association::ids::Iccid`.
    IccidText as "Iccid": iccid()
);
form!(
    /// `association::parse::MemberError`.
    MemberFault as "MemberFault": ObjectBuilder::new()
        .description(Some("What is wrong with one member or parameter."))
        .property("pointer", text("JSON pointer (RFC 6901) to the member of the body; `?name` for a parameter of the query."))
        .property("code", text("Stable, for programs."))
        .property("detail", text("What is wrong and what to do, for people."))
);
form!(
    /// `association::plan::Rejection`.
    RejectedDevice as "RejectedDevice": ObjectBuilder::new()
        .description(Some("A device that cannot be associated."))
        .property("device", Ref::from_schema_name("Iccid"))
        .property("code", reason_code())
        .property("reason", text("For people."))
        .property("unfinished", whole("The bulk change that holds the device, for `unfinished-change`."))
);
form!(
    /// `association::service_line::Product`.
    BilledProduct as "BilledProduct": ObjectBuilder::new()
        .description(Some("A Rev product and what one costs a month."))
        .property("productId", id("Rev's product id."))
        .property("rate", text("A decimal number, written as text."))
);

/// 18 to 22 digits.
pub(super) fn iccid() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The number printed on a SIM."))
        .pattern(Some(format!("^[0-9]{{{SHORTEST_ICCID},{LONGEST_ICCID}}}$")))
        .examples(["89000110000000001500"])
}

/// A text of an answer.
pub(super) fn text(about: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(about))
}

fn whole(about: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some(about))
}

fn id(about: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some(about))
        .minimum(Some(1))
        .maximum(Some(LARGEST_ID))
}

/// One of the stable codes of `association::plan::Reason`.
pub(super) fn reason_code() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Why, stable, for programs."))
        .enum_values(Some(Reason::ALL.map(Reason::code)))
}
