//! The links of an error's chain: its cause, and the contexts around it. Each link is an error of
//! the standard library, so that the chain can leave the crate as it is.

use super::code::{self, Coded};
use super::fault::Fault;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::any::{Any, TypeId};
use core::error::Error as StdError;
use core::fmt::{self, Debug, Display};

#[cfg(feature = "anyhow")]
use super::notes::Notes;

/// An error of the standard library that can be sent to other threads.
pub(super) type Boxed = Box<dyn StdError + Send + Sync>;

/// A link of the chain.
pub(super) trait Node: Send + Sync {
    /// Returns the link as an error, whose sources are the links and causes below.
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static);

    /// Returns the outermost link of a type.
    fn find(&self, ty: TypeId) -> Option<&dyn Any>;

    /// Returns the outermost link of a type, to be changed.
    fn find_mut(&mut self, ty: TypeId) -> Option<&mut dyn Any>;

    /// Takes the outermost link of a type out of the chain, and drops the rest.
    fn take(self: Box<Self>, ty: TypeId) -> Option<Box<dyn Any>>;

    /// Returns the code of the innermost link that has one.
    fn code(&self) -> Option<&'static str>;

    /// Returns the number of contexts around the cause.
    fn contexts(&self) -> usize {
        0
    }

    /// Wraps the cause, within the contexts around it.
    fn around_cause(
        self: Box<Self>,
        wrap: &mut dyn FnMut(Box<dyn Node>) -> Box<dyn Node>,
    ) -> Box<dyn Node>;

    /// Returns the chain as an error of the standard library.
    fn into_std(self: Box<Self>) -> Boxed;

    /// Returns the chain as an error of `anyhow`, with the notes just around the cause.
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error;
}

/// Links that are the cause: what their methods have in common, given the value that is found by
/// its type. The rest of each implementation follows in the braces.
macro_rules! cause {
    ([$($generics:tt)*] $node:ty, $value:tt: $found:ty, { $($rest:tt)* }) => {
        impl<$($generics)*> Node for $node {
            fn find(&self, ty: TypeId) -> Option<&dyn Any> {
                (ty == TypeId::of::<$found>()).then_some(&self.$value)
            }

            fn find_mut(&mut self, ty: TypeId) -> Option<&mut dyn Any> {
                (ty == TypeId::of::<$found>()).then_some(&mut self.$value)
            }

            fn take(self: Box<Self>, ty: TypeId) -> Option<Box<dyn Any>> {
                (ty == TypeId::of::<$found>()).then(|| Box::new(self.$value) as Box<dyn Any>)
            }

            fn around_cause(
                self: Box<Self>,
                wrap: &mut dyn FnMut(Box<dyn Node>) -> Box<dyn Node>,
            ) -> Box<dyn Node> {
                wrap(self)
            }

            $($rest)*
        }
    };
}

/// A typed error.
pub(super) struct Cause<E> {
    pub error: E,
    /// The code, where the type's definition gave one.
    pub code: Option<fn(&E) -> &'static str>,
}

impl<E: Coded> Cause<E> {
    /// Returns the link of an error that knows its code.
    pub fn coded(error: E) -> Cause<E> {
        let code = Some(E::error_code as fn(&E) -> &'static str);
        Cause { error, code }
    }
}

cause!([E: StdError + Send + Sync + 'static] Cause<E>, error: E, {
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &self.error
    }

    fn code(&self) -> Option<&'static str> {
        match self.code {
            Some(code) => Some(code(&self.error)),
            None => code::of(&self.error),
        }
    }

    fn into_std(self: Box<Self>) -> Boxed {
        Box::new(self.error)
    }

    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error {
        notes.around(anyhow::Error::new(self.error))
    }
});

/// An error that can only be printed.
pub(super) struct Said<M>(pub M);

impl<M: Display> Debug for Said<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

impl<M: Display> Display for Said<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

impl<M: Display> StdError for Said<M> {}

cause!([M: Display + Send + Sync + 'static] Said<M>, 0: M, {
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn code(&self) -> Option<&'static str> {
        None
    }

    fn into_std(self: Box<Self>) -> Boxed {
        self
    }

    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error {
        notes.around(anyhow::Error::new(*self))
    }
});

/// A fault of the embedder in the words of the call that met it.
pub(super) struct Told {
    pub fault: Fault,
    pub text: Cow<'static, str>,
}

impl Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Told {}

cause!([] Told, fault: Fault, {
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn code(&self) -> Option<&'static str> {
        Some(self.fault.error_code())
    }

    fn into_std(self: Box<Self>) -> Boxed {
        self
    }

    /// The fault is found by its type there, so it comes below the words that name it.
    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error {
        notes.around(anyhow::Error::new(self.fault).context(self.text))
    }
});

/// An error whose type is not known.
pub(super) struct Unknown(pub Boxed);

cause!([] Unknown, 0: Boxed, {
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }

    fn code(&self) -> Option<&'static str> {
        code::of(&*self.0)
    }

    fn into_std(self: Box<Self>) -> Boxed {
        self.0
    }

    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error {
        notes.around(anyhow::Error::from_boxed(self.0))
    }
});

/// An error of `anyhow`.
#[cfg(feature = "anyhow")]
pub(super) struct Foreign(pub anyhow::Error);

#[cfg(feature = "anyhow")]
cause!([] Foreign, 0: anyhow::Error, {
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }

    fn code(&self) -> Option<&'static str> {
        self.0.chain().find_map(code::of)
    }

    fn into_std(self: Box<Self>) -> Boxed {
        self.0.into()
    }

    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error {
        notes.around(self.0)
    }
});

/// A context, which need not be an error, around the links below it.
pub(super) struct Around<C> {
    pub context: C,
    pub inner: Box<dyn Node>,
}

impl<C: Display> Debug for Around<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)?;
        let first: &(dyn StdError + 'static) = self.inner.error();
        super::write_causes(
            f,
            core::iter::successors(Some(first), |&error| error.source()),
        )
    }
}

impl<C: Display> Display for Around<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.context, f)
    }
}

impl<C: Display> StdError for Around<C> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.inner.error())
    }
}

impl<C: Display + Send + Sync + 'static> Node for Around<C> {
    fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn find(&self, ty: TypeId) -> Option<&dyn Any> {
        match ty == TypeId::of::<C>() {
            true => Some(&self.context),
            false => self.inner.find(ty),
        }
    }

    fn find_mut(&mut self, ty: TypeId) -> Option<&mut dyn Any> {
        match ty == TypeId::of::<C>() {
            true => Some(&mut self.context),
            false => self.inner.find_mut(ty),
        }
    }

    fn take(self: Box<Self>, ty: TypeId) -> Option<Box<dyn Any>> {
        match ty == TypeId::of::<C>() {
            true => Some(Box::new(self.context)),
            false => self.inner.take(ty),
        }
    }

    fn code(&self) -> Option<&'static str> {
        let own = || code::of_context(&self.context);
        self.inner.code().or_else(own)
    }

    fn contexts(&self) -> usize {
        1 + self.inner.contexts()
    }

    fn around_cause(
        self: Box<Self>,
        wrap: &mut dyn FnMut(Box<dyn Node>) -> Box<dyn Node>,
    ) -> Box<dyn Node> {
        let Around { context, inner } = *self;
        let inner = inner.around_cause(wrap);
        Box::new(Around { context, inner })
    }

    fn into_std(self: Box<Self>) -> Boxed {
        self
    }

    #[cfg(feature = "anyhow")]
    fn into_anyhow(self: Box<Self>, notes: Notes) -> anyhow::Error {
        self.inner.into_anyhow(notes).context(self.context)
    }
}
