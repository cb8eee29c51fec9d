//! Everything that speaks to AltaworxCentral.
