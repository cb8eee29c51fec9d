//! x
pub fn request(data: &[u8]) { let _ = association::parse::parse(data); let _ = queue::message::NOT_USED; let _ = embedded_sql_server::server::Options::new; let _ = rev::Call::Token; }
