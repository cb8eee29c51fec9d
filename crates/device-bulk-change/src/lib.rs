//! Lambda 2 (AltaworxDeviceBulkChange): opens service lines and takes over ownership.
