//! The wire: TDS 7.4 as [MS-TDS] describes it, as far as the clients of this project speak it.
//!
//! Everything here is pure: bytes in, meaning out, and back. Waiting and sockets are in [`crate::server`].
//!
//! [MS-TDS]: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds

pub(crate) mod answer;
pub(crate) mod arguments;
pub(crate) mod code_page;
pub(crate) mod declarations;
pub(crate) mod login;
pub(crate) mod packets;
pub(crate) mod prelogin;
pub(crate) mod prepared;
pub(crate) mod reader;
mod remote_call;
pub(crate) mod requests;
pub(crate) mod tokens;
mod type_info;
mod value_in;
mod value_out;
