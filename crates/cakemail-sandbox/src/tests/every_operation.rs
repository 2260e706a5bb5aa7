//! every_operation
