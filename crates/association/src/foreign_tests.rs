//! How much a stored change may say, and which spelling of a member counts.

use serde_json::json;

use super::*;

fn with(members: Value) -> Result<ForeignChange, Malformed> {
    let mut change = json!({
        "RevCustomerId": "1001", "CreateRevService": true, "ServiceTypeId": 3, "ProviderId": 4, "RevPackageId": 5,
    });
    let Value::Object(members) = members else {
        panic!("{members}")
    };
    change.as_object_mut().unwrap().extend(members);
    read(&change.to_string())
}

fn told(members: Value) -> String {
    with(members).unwrap_err().to_string()
}

#[test]
fn a_text_is_as_long_as_its_column_and_no_longer() {
    let plan =
        |letters| json!({"AddCarrierRatePlan": true, "CarrierRatePlan": "é".repeat(letters)});
    let kept = with(plan(255)).unwrap().options.carrier_plan.unwrap();
    assert_eq!(kept.carrier_rate_plan, "é".repeat(255));
    assert_eq!(
        told(plan(256)),
        "CarrierRatePlan has more than 255 characters"
    );
    assert!(told(json!({"Description": "a\u{0}b"})).contains("U+0000"));
}

#[test]
fn a_line_has_fifty_products_at_most() {
    let lists = |count: i32| {
        let ids: Vec<i32> = (1..=count).collect();
        json!({"RevPackageId": 0, "RevProductIdList": ids, "RateList": vec![1; ids.len()]})
    };
    let billed = with(lists(50)).unwrap().options.rev_service.unwrap().billed;
    assert!(matches!(billed, Billed::Products(products) if products.len() == 50));
    assert_eq!(
        told(lists(51)),
        "RevProductIdList has more than 50 products"
    );
}

#[test]
fn the_spelling_of_the_old_system_counts_before_any_other_and_nulls_never() {
    let customer = |members: Value| {
        let text = members.to_string();
        read(&text).map(|change| change.rev_customer.as_str().to_owned())
    };
    assert_eq!(
        customer(json!({"revcustomerid": "7"})),
        Ok("7".to_owned()),
        "case does not count"
    );
    for other in ["REVCUSTOMERID", "revCustomerId"] {
        assert_eq!(
            customer(json!({other: null, "RevCustomerId": "8"})),
            Ok("8".to_owned())
        );
    }
    assert_eq!(
        customer(json!({"revCustomerId": "7", "RevCustomerId": "8"})),
        Ok("8".to_owned())
    );
    assert_eq!(
        customer(json!({"RevCustomerId": null, "revCustomerId": "7"})),
        Ok("7".to_owned())
    );
}

#[test]
fn a_rate_belongs_to_the_product_in_its_place() {
    let billed =
        |members: Value| with(members).map(|change| change.options.rev_service.unwrap().billed);
    let product = |product_id, rate: i32| Product {
        product_id,
        rate: rate.into(),
    };
    assert_eq!(
        billed(
            json!({"RevPackageId": null, "RevProductIdList": [null, 12, 13], "RateList": [1, 2, 3]})
        ),
        Ok(Billed::Products(vec![product(12, 2), product(13, 3)]))
    );
    assert!(
        told(json!({"RevPackageId": null, "RevProductIdList": [11, "x"], "RateList": [1, 2]}))
            .contains("not a whole number")
    );
}

#[test]
fn what_goes_with_a_plan_is_read_with_it() {
    let plan = |members: Value| {
        let mut asked = json!({"AddCustomerRatePlan": true, "CustomerRatePlan": 7});
        asked
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        with(asked).map(|change| change.options.customer_plan.unwrap())
    };
    let said = plan(json!({"CustomerRatePool": "3", "CustomerDataAllocationMB": "12.50"})).unwrap();
    assert_eq!(
        (said.customer_rate_plan, said.customer_rate_pool),
        (7, Some(3))
    );
    assert_eq!(
        said.data_allocation_mb.map(|amount| amount.to_string()),
        Some("12.5".to_owned())
    );
    let unsaid = plan(json!({"CustomerDataAllocationMB": ""})).unwrap();
    assert_eq!(
        (unsaid.customer_rate_pool, unsaid.data_allocation_mb),
        (None, None)
    );
    assert_eq!(
        plan(json!({"CustomerDataAllocationMB": "much"})),
        Err(Malformed::new("CustomerDataAllocationMB is not an amount"))
    );
}

#[test]
fn what_is_not_json_is_told_by_its_place_and_not_quoted() {
    let told = read("{\"ICCID\": 8900000000000000001x}")
        .unwrap_err()
        .to_string();
    assert!(told.contains("line 1, column"), "{told}");
    assert!(!told.contains("8900000000000000001"), "{told}");
}
