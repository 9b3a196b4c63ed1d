//! People beside keys: who may manage keys, and how that goes over HTTP.
