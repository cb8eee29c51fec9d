//! How much a request may say. The parser keeps to these numbers, and the description of the API (OpenAPI) is made of them.

/// The most devices that one request may name.
pub const MOST_DEVICES: usize = 10_000;
/// The most products of one service line.
pub const MOST_PRODUCTS: usize = 50;
/// Digits of the shortest ICCID.
pub const SHORTEST_ICCID: usize = 18;
/// Digits of the longest ICCID.
pub const LONGEST_ICCID: usize = 22;
/// Characters of `description` (Rev.io, service description).
pub const LONGEST_DESCRIPTION: usize = 1000;
/// Characters of `carrierRatePlan` and `commPlan` (their columns).
pub const LONGEST_PLAN_NAME: usize = 255;
/// The largest id, and the largest Rev customer number: ids are 32-bit numbers in the database and at Rev.io.
pub const LARGEST_ID: i32 = i32::MAX;
/// Rates and allocations stay below this, far from what decimal(25,4) holds.
pub const AMOUNT_BELOW: i64 = 1_000_000_000_000;
/// Digits of an amount after the point.
pub const AMOUNT_DIGITS: u32 = 4;
/// The first year of a date.
pub const FIRST_YEAR: i32 = 2000;
/// The last year of a date.
pub const LAST_YEAR: i32 = 2099;
