mod forms;
mod json;
mod stable;
mod world;
