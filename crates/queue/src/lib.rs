//! The message contract of device-bulk-change-queue, and sending.
