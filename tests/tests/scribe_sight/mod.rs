//! Scribe Sight's API over real sockets, against a program that serves it.

mod browser;
mod limits;
mod management;
mod pages;
mod properties;
mod rejections;
mod service;
mod wrong;
