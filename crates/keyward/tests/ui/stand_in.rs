// What the extractors look like to the macros.
#![allow(dead_code)]

use std::marker::PhantomData;

use keyward::key::Literal;

pub struct RequireScope<S: Literal>(pub PhantomData<S>);
pub struct RequireResource<S: Literal>(pub PhantomData<S>);

impl<S: Literal> RequireScope<S> {
    pub fn asks_for(&self) -> &'static str {
        S::NAME
    }

    pub fn new() -> Self {
        Self(PhantomData)
    }
}
