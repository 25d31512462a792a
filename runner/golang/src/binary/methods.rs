//! Which methods the types of errors have, by the runtime's own [data](super::type_data).

use model::{ErrorMethods, TypeTable};

use super::{RuntimeType, elf::Image, type_data::TypeData};
use crate::GoRelease;

/// Records of each type that is an error which methods it has that `errors.Is` and `errors.As` call.
pub(super) fn tell_error_methods(
    image: &Image,
    release: &GoRelease,
    types: &mut TypeTable,
    dynamic: &[RuntimeType],
) {
    let Some(data) = TypeData::new(image, release) else {
        return;
    };
    for known in dynamic {
        let Some(methods) = data.methods(known.address) else {
            continue;
        };
        let has = |name: &str| methods.iter().any(|method| method == name);
        if has("Error") {
            let methods = ErrorMethods {
                is: has("Is"),
                r#as: has("As"),
                unwrap: has("Unwrap"),
            };
            types.set_error_methods(known.ty, methods);
        }
    }
}
