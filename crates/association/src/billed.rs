//! Reads what a service line is billed with.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    limits::{AMOUNT_BELOW, MOST_PRODUCTS},
    members::{MemberError, Members, amount, required, whole_number},
    service_line::{Billed, Product},
};

/// Rates and allocations stay far below what decimal(25,4) holds.
pub(crate) fn amount_limit() -> Decimal {
    Decimal::from(AMOUNT_BELOW)
}

/// Reads what a service line is billed with: a package, or products in one of two forms.
pub(crate) fn billed(members: &mut Members<'_>) -> Option<Billed> {
    let before = members.fault_count();
    let package = members.id("revPackageId");
    let products = products(members);
    let parallel = parallel_products(members);
    if members.fault_count() > before {
        return None;
    }
    match (package, products, parallel) {
        (Some(package), None, None) => Some(Billed::Package(package)),
        (None, Some(products), None) | (None, None, Some(products)) => {
            Some(Billed::Products(products))
        }
        (None, None, None) => {
            members.fault(
                "products",
                "missing",
                "createRevService needs either revPackageId or products",
            );
            None
        }
        _ => {
            members.fault(
                "products",
                "conflict",
                "give one of revPackageId, products, or revProductIdList with rateList",
            );
            None
        }
    }
}

fn products(members: &mut Members<'_>) -> Option<Vec<Product>> {
    let values = members.list("products")?;
    let mut errors = Vec::new();
    let mut products = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let pointer = format!("{}/{index}", members.pointer("products"));
        let Value::Object(object) = value else {
            errors.push(MemberError::new(
                pointer,
                "wrong-type",
                "must be an object of productId and rate",
            ));
            continue;
        };
        let mut product = Members::of(object, &pointer);
        let product_id = required(&mut product, "productId", Members::id);
        let rate = required(&mut product, "rate", |members, name| {
            members.amount(name, amount_limit())
        });
        if let (Some(product_id), Some(rate)) = (product_id, rate) {
            products.push(Product { product_id, rate });
        }
        errors.extend(product.end());
    }
    members.faults(errors);
    once_each(members, "products", products)
}

/// The old form of the same thing: a list of ids and a list of rates, in step.
fn parallel_products(members: &mut Members<'_>) -> Option<Vec<Product>> {
    let ids = members
        .list("revProductIdList")
        .filter(|ids| !ids.is_empty());
    let rates = members.list("rateList").filter(|rates| !rates.is_empty());
    let (ids, rates) = match (ids, rates) {
        (None, None) => return None,
        (ids, rates) => (ids.unwrap_or_default(), rates.unwrap_or_default()),
    };
    if ids.len() != rates.len() {
        members.fault(
            "rateList",
            "length",
            format!(
                "has {} rates for {} products: give one rate for each",
                rates.len(),
                ids.len()
            ),
        );
        return None;
    }
    let mut errors = Vec::new();
    let mut products = Vec::with_capacity(ids.len());
    for (index, (id, rate)) in ids.iter().zip(rates).enumerate() {
        match (whole_number(id), amount(rate, amount_limit())) {
            (Some(product_id), Ok(rate)) => products.push(Product { product_id, rate }),
            (None, _) => {
                errors.push(MemberError::new(
                    format!("/revProductIdList/{index}"),
                    "not-an-id",
                    "must be a whole number from 1 to 2147483647",
                ));
            }
            (_, Err(detail)) => errors.push(MemberError::new(
                format!("/rateList/{index}"),
                "not-an-amount",
                detail,
            )),
        }
    }
    members.faults(errors);
    once_each(members, "revProductIdList", products)
}

/// A line holds each product once, and few of them.
fn once_each(
    members: &mut Members<'_>,
    name: &str,
    products: Vec<Product>,
) -> Option<Vec<Product>> {
    let distinct: HashSet<i32> = products.iter().map(|product| product.product_id).collect();
    if distinct.len() != products.len() {
        members.fault(
            name,
            "duplicate-product",
            "names a product twice: give each product once",
        );
    }
    if products.len() > MOST_PRODUCTS {
        members.fault(
            name,
            "too-many-products",
            format!("has more than {MOST_PRODUCTS} products"),
        );
    }
    Some(products).filter(|products| !products.is_empty())
}
