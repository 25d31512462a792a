mod errors;
mod forms;
mod json;
mod stable;
mod wellknown;
