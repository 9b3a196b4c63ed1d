//! How one API speaks about keys, as data.
