//! The Rev.io client: token, calls, outcome classes.
