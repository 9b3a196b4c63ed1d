//! Key stores of keyward over SQL databases.
