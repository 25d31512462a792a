mod files;
mod story;
mod texts;
