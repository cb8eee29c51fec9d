//! Named points at which a test makes a call fail: `rev.<call>.before` without an effect, `rev.<call>.after` with the effect
//! and without the answer. Without the feature `failpoints` of the crate `fail` there is nothing here.

use crate::class::Call;

/// What a test says that happened instead of the call.
pub(crate) fn before(call: Call) -> Option<String> {
    at(names(call).0)
}

/// What a test says that happened to the answer.
pub(crate) fn after(call: Call) -> Option<String> {
    at(names(call).1)
}

fn at(point: &'static str) -> Option<String> {
    fail::fail_point!(point, |said| Some(
        said.unwrap_or_else(|| format!("fault point {point}"))
    ));
    // Read here, because without fault points nothing else does.
    let _ = point;
    None
}

/// Written out, so that a search for a name finds it.
const fn names(call: Call) -> (&'static str, &'static str) {
    match call {
        Call::Token => ("rev.token.before", "rev.token.after"),
        Call::Customer => ("rev.customer.before", "rev.customer.after"),
        Call::Products => ("rev.products.before", "rev.products.after"),
        Call::OpenLine => ("rev.open_line.before", "rev.open_line.after"),
        Call::Lines => ("rev.lines.before", "rev.lines.after"),
    }
}
