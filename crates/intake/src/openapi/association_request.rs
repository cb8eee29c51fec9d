//! The body of `POST /M2M/AssociateCustomer`, as `association::parse` reads it: the same limits, from `association::limits`.
//!
//! The members of an option have a meaning with the option alone; the words say so, and the parser holds to it. A schema could say it
//! too, with a form for each of eight combinations that no generated client could use.

use association::limits::{
    AMOUNT_BELOW, AMOUNT_DIGITS, FIRST_YEAR, LARGEST_ID, LAST_YEAR, LONGEST_DESCRIPTION,
    LONGEST_PLAN_NAME, MOST_DEVICES, MOST_PRODUCTS,
};
use serde_json::{Value, json};
use utoipa::openapi::{
    ArrayBuilder, ContentBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Required, Schema,
    SchemaFormat, Type,
    example::{Example, ExampleBuilder},
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{AdditionalProperties, AnyOfBuilder, SchemaType},
};

/// Its name among the components.
const NAME: &str = "AssociationRequest";

/// The request, and what it is made of.
pub(super) fn schemas() -> [(&'static str, RefOr<Schema>); 2] {
    [(NAME, request().into()), ("ProductRate", product().into())]
}

/// The body with its examples, each of which the sample data answers with 202.
pub(super) fn body() -> RequestBody {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(NAME)))
        .examples_from_iter(examples());
    RequestBodyBuilder::new()
        .description(Some("At most 1 MB."))
        .required(Some(Required::True))
        .content("application/json", content.build())
        .build()
}

fn request() -> ObjectBuilder {
    let with_service = |about: &str| format!("With createRevService: {about}");
    ObjectBuilder::new()
        .description(Some(
            "Devices, a customer, and what is to be done. null is the same as leaving a member out; ids may be written as text.",
        ))
        .required("devices")
        .required("serviceProviderId")
        .required("revCustomerId")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .property("devices", devices())
        .property("serviceProviderId", id("The carrier account that all devices belong to.", false))
        .property("revCustomerId", customer())
        .property(
            "integrationAuthenticationId",
            id("Decides, when two billing integrations share the customer's number.", true),
        )
        .property("effectiveDate", day("From when: today (UTC) when missing."))
        .property(
            "useCarrierActivationDate",
            flag("Each device's own activation day instead; not beside effectiveDate."),
        )
        .property("createRevService", flag("Open a billed service line for each device."))
        .property("serviceTypeId", id(&with_service("Rev's service type, required."), true))
        .property("providerId", id(&with_service("Rev's provider, required."), true))
        .property(
            "revPackageId",
            id(&with_service("a Rev package. Either this, or products, or the two lists."), true),
        )
        .property("products", products())
        .property(
            "revProductIdList",
            list(&with_service("products in the old form, in step with rateList."), id("", false)),
        )
        .property("rateList", list(&with_service("a rate for each of them."), amount("", false)))
        .property("prorate", flag(&with_service("bill the first month in part.")))
        .property("description", text(&with_service("a text for the line."), LONGEST_DESCRIPTION))
        .property("usagePlanGroupId", id(&with_service("Rev's usage plan group."), true))
        .property(
            "activatedDate",
            day(&with_service("the day the service counts as active; the effective date when missing.")),
        )
        .property(
            "addCarrierRatePlan",
            flag("Change the carrier rate plan, in a bulk change of its own that follows."),
        )
        .property(
            "carrierRatePlan",
            text("With addCarrierRatePlan: its code, required.", LONGEST_PLAN_NAME),
        )
        .property(
            "commPlan",
            text("With addCarrierRatePlan: the communication plan.", LONGEST_PLAN_NAME),
        )
        .property("addCustomerRatePlan", flag("Put the devices on a customer rate plan."))
        .property("customerRatePlan", id("With addCustomerRatePlan: its id, required.", true))
        .property("customerRatePool", id("With addCustomerRatePlan: the id of a pool.", true))
        .property(
            "customerDataAllocationMB",
            amount("With addCustomerRatePlan: megabytes; the plan's own when missing.", true),
        )
}

fn devices() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(Ref::from_schema_name("Iccid"))
        .description(Some(
            "ICCIDs. Blanks around one do not count; repetitions are taken once and named.",
        ))
        .min_items(Some(1))
        .max_items(Some(MOST_DEVICES))
}

fn customer() -> AnyOfBuilder {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(LARGEST_ID));
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[1-9][0-9]{0,9}$"));
    AnyOfBuilder::new()
        .description(Some(
            "The account number of the customer, without leading zeros.",
        ))
        .item(text)
        .item(number)
}

/// A whole number, or the text of one; an optional one may also be null or an empty text.
fn id(about: &str, optional: bool) -> AnyOfBuilder {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(LARGEST_ID));
    let digits = if optional { "^[0-9]*$" } else { "^[0-9]+$" };
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(digits))
        .max_length(Some(10));
    let id = AnyOfBuilder::new()
        .description(Some(about).filter(|about| !about.is_empty()))
        .item(number)
        .item(text);
    if optional {
        id.item(ObjectBuilder::new().schema_type(Type::Null))
    } else {
        id
    }
}

fn flag(about: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(or_null(Type::Boolean))
        .default(Some(json!(false)))
        .description(Some(about))
}

fn text(about: &str, longest: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(or_null(Type::String))
        .max_length(Some(longest))
        .description(Some(about))
}

fn day(about: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(or_null(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .description(Some(format!(
            "{about} A day from {FIRST_YEAR}-01-01 to {LAST_YEAR}-12-31; midnight may follow it (`T00:00:00Z`)."
        )))
}

fn amount(about: &str, optional: bool) -> ObjectBuilder {
    let number = ObjectBuilder::new()
        .minimum(Some(0))
        .exclusive_maximum(Some(AMOUNT_BELOW))
        .description(Some(
            format!("{about} At most {AMOUNT_DIGITS} digits after the point.")
                .trim_start()
                .to_owned(),
        ));
    if optional {
        number.schema_type(or_null(Type::Number))
    } else {
        number.schema_type(Type::Number)
    }
}

fn list(about: &str, item: impl Into<RefOr<Schema>>) -> ArrayBuilder {
    ArrayBuilder::new()
        .schema_type(or_null(Type::Array))
        .items(item.into())
        .max_items(Some(MOST_PRODUCTS))
        .description(Some(about))
}

fn products() -> ArrayBuilder {
    list(
        "With createRevService: what the line is billed with, each product once.",
        Ref::from_schema_name("ProductRate"),
    )
}

fn product() -> ObjectBuilder {
    ObjectBuilder::new()
        .description(Some("A Rev product and what one costs a month."))
        .required("productId")
        .required("rate")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .property("productId", id("Rev's product id.", false))
        .property("rate", amount("In the customer's currency.", false))
}

/// Requests that work on the sample data (`make demo`), each with devices of its own.
fn examples() -> [(&'static str, RefOr<Example>); 4] {
    [
        example(
            "everything",
            "A service line, a customer rate plan and a carrier rate plan for each device",
            json!({
                "devices": ["89000110000000001491", "89000110000000001492"],
                "serviceProviderId": 1,
                "revCustomerId": "1001",
                "effectiveDate": "2026-03-01",
                "createRevService": true,
                "serviceTypeId": 1,
                "providerId": 1,
                "products": [{"productId": 11, "rate": 4.5}],
                "prorate": true,
                "description": "Fleet A",
                "addCustomerRatePlan": true,
                "customerRatePlan": 1,
                "customerRatePool": 1,
                "addCarrierRatePlan": true,
                "carrierRatePlan": "JASPER-1GB",
            }),
        ),
        example(
            "ownership",
            "The customer alone; dates as the carrier has them",
            json!({
                "devices": ["89000110000000001493"],
                "serviceProviderId": 1,
                "revCustomerId": "1002",
                "useCarrierActivationDate": true,
            }),
        ),
        example(
            "package",
            "A service line that is billed with a package",
            json!({
                "devices": ["89000110000000001494"],
                "serviceProviderId": 1,
                "revCustomerId": "1001",
                "createRevService": true,
                "serviceTypeId": 1,
                "providerId": 1,
                "revPackageId": 5,
            }),
        ),
        example(
            "some-rejected",
            "Three devices, of which one is archived and one does not exist: 202 for the third",
            json!({
                "devices": ["89000110000000001495", "89000130000000000001", "89000199000000000001"],
                "serviceProviderId": 1,
                "revCustomerId": "1001",
                "addCustomerRatePlan": true,
                "customerRatePlan": 2,
                "customerDataAllocationMB": 250,
            }),
        ),
    ]
}

fn example(name: &'static str, summary: &str, value: Value) -> (&'static str, RefOr<Example>) {
    let example = ExampleBuilder::new().summary(summary).value(Some(value));
    (name, example.into())
}

fn or_null(kind: Type) -> SchemaType {
    [kind, Type::Null].into_iter().collect()
}
