//! What turns values of the program into those of the file, and back.

use std::collections::BTreeMap;

use arch::Register;
use model::{
    Address, FileOffset, FunctionId, Goid, Nanoseconds, ProcessId, SiteId, Timestamp, TypeId,
    plan::ViewId,
};

/// A type of the file, which stands for a type of the program.
pub(in crate::recording) trait Form<M>: Sized {
    /// What the file has of a value.
    fn of(value: &M) -> Self;

    /// The value that the file has.
    fn value(self) -> M;
}

/// Declares types of the file: `struct Name for program::Type { … }` or `enum Name for program::Type { … }`. Fields and
/// variants have the names that they have in the program, in snake case where nothing else is said, and neither side can have
/// one that the other lacks. A tuple's parts have a name here alone. A `field or default` is left out of the file where it
/// is the default of its type, and read as that.
macro_rules! forms {
    () => {};
    (
        $(#[$attribute:meta])*
        struct $name:ident for $model:ty {
            $($(#[$field_attribute:meta])* $field:ident $(or $default:ident)?: $form:ty),* $(,)?
        }
        $($rest:tt)*
    ) => {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        $(#[$attribute])*
        pub(in crate::recording) struct $name {
            $(
                $(#[$field_attribute])*
                $(#[serde($default, skip_serializing_if = "crate::recording::format::form::is_default")])?
                $field: $form,
            )*
        }

        impl Form<$model> for $name {
            fn of(value: &$model) -> Self {
                type Model = $model;
                let Model { $($field),* } = value;
                Self { $($field: Form::of($field)),* }
            }

            fn value(self) -> $model {
                type Model = $model;
                Model { $($field: Form::value(self.$field)),* }
            }
        }

        #[cfg(test)]
        impl crate::recording::format::tests::Random for $name {
            fn random(random: &mut fastrand::Rng) -> Self {
                Self { $($field: crate::recording::format::tests::Random::random(random)),* }
            }
        }

        forms! { $($rest)* }
    };
    (
        $(#[$attribute:meta])*
        enum $name:ident for $model:ty { $($variants:tt)* }
        $($rest:tt)*
    ) => {
        forms! { $(#[$attribute])* enum $name as "snake_case" for $model { $($variants)* } $($rest)* }
    };
    (
        $(#[$attribute:meta])*
        enum $name:ident as $case:literal for $model:ty {
            $(
                $(#[$variant_attribute:meta])*
                $variant:ident
                $(($($part:ident: $part_form:ty),+))?
                $({ $($field:ident $(or $default:ident)?: $form:ty),+ $(,)? })?
            ),* $(,)?
        }
        $($rest:tt)*
    ) => {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = $case)]
        $(#[$attribute])*
        pub(in crate::recording) enum $name {
            $(
                $(#[$variant_attribute])*
                $variant
                $(($($part_form),+))?
                $({ $(
                    $(#[serde($default, skip_serializing_if = "crate::recording::format::form::is_default")])?
                    $field: $form,
                )+ })?,
            )*
        }

        impl Form<$model> for $name {
            fn of(value: &$model) -> Self {
                type Model = $model;
                match value {
                    $(Model::$variant $(($($part),+))? $({ $($field),+ })? => Self::$variant
                        $(($(Form::of($part)),+))?
                        $({ $($field: Form::of($field)),+ })?,)*
                }
            }

            fn value(self) -> $model {
                type Model = $model;
                match self {
                    $(Self::$variant $(($($part),+))? $({ $($field),+ })? => Model::$variant
                        $(($(Form::value($part)),+))?
                        $({ $($field: Form::value($field)),+ })?,)*
                }
            }
        }

        #[cfg(test)]
        impl crate::recording::format::tests::Random for $name {
            fn random(random: &mut fastrand::Rng) -> Self {
                let variants: &[fn(&mut fastrand::Rng) -> Self] = &[$(|_random| Self::$variant
                    $(($(<$part_form as crate::recording::format::tests::Random>::random(_random)),+))?
                    $({ $($field: crate::recording::format::tests::Random::random(_random)),+ })?,)*];
                variants[random.usize(..variants.len())](random)
            }
        }

        forms! { $($rest)* }
    };
}
pub(in crate::recording) use forms;

/// What is in the file as it is.
macro_rules! same {
    ($($plain:ty),+) => {$(
        impl Form<$plain> for $plain {
            fn of(value: &$plain) -> Self {
                value.clone()
            }

            fn value(self) -> $plain {
                self
            }
        }
    )+};
}
same!(
    bool, u8, u16, u32, u64, usize, i32, i64, i128, String, Register
);

/// Numbers with a name in the program, which are bare in the file.
macro_rules! bare {
    ($($number:ident($inner:ty)),+) => {$(
        impl Form<$number> for $inner {
            fn of(value: &$number) -> Self {
                value.0
            }

            fn value(self) -> $number {
                $number(self)
            }
        }
    )+};
}
bare!(
    Address(u64),
    FileOffset(u64),
    FunctionId(u32),
    Goid(u64),
    Nanoseconds(u64),
    ProcessId(u32),
    SiteId(u32),
    Timestamp(u64),
    TypeId(u32),
    ViewId(u32)
);

impl<M, F: Form<M>> Form<Vec<M>> for Vec<F> {
    fn of(values: &Vec<M>) -> Self {
        values.iter().map(F::of).collect()
    }

    fn value(self) -> Vec<M> {
        self.into_iter().map(F::value).collect()
    }
}

impl<M, F: Form<M>> Form<Option<M>> for Option<F> {
    fn of(value: &Option<M>) -> Self {
        value.as_ref().map(F::of)
    }

    fn value(self) -> Option<M> {
        self.map(F::value)
    }
}

impl<M, F: Form<M>> Form<Box<M>> for Box<F> {
    fn of(value: &Box<M>) -> Self {
        Self::new(F::of(value))
    }

    fn value(self) -> Box<M> {
        Box::new((*self).value())
    }
}

impl<M, N, F: Form<M>, G: Form<N>> Form<(M, N)> for (F, G) {
    fn of((first, second): &(M, N)) -> Self {
        (F::of(first), G::of(second))
    }

    fn value(self) -> (M, N) {
        (self.0.value(), self.1.value())
    }
}

impl<M: Ord, N, F: Form<M> + Ord, G: Form<N>> Form<BTreeMap<M, N>> for BTreeMap<F, G> {
    fn of(values: &BTreeMap<M, N>) -> Self {
        let entries = values.iter();
        entries
            .map(|(key, value)| (F::of(key), G::of(value)))
            .collect()
    }

    fn value(self) -> BTreeMap<M, N> {
        let entries = self.into_iter();
        entries
            .map(|(key, value)| (key.value(), value.value()))
            .collect()
    }
}

/// Whether a value is left out of the file, for it is what a reader takes where there is none.
pub(in crate::recording) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
