//! What is wrong with a binary. `Display` begins with the words of the reference interpreter.

use crate::syntax::limits;
use core::fmt;

/// The result of reading something.
pub(super) type Read<T> = Result<T, Malformed>;

/// A binary that is no module: it cannot be read to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// What is wrong.
    pub kind: MalformedKind,
    /// Where, in bytes from the start of the module.
    pub offset: u32,
}

/// What is wrong with a binary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MalformedKind {
    /// The bytes do not begin with `\0asm`.
    Magic,
    /// The version is not 1.
    Version,
    /// The bytes begin as those of a component do, which is not supported.
    Component,
    /// No section has this number.
    SectionId(u8),
    /// A section or body ends elsewhere than its size says.
    SectionSize,
    /// A section stands twice or too late.
    SectionOrder(u8),
    /// The bytes end too early.
    UnexpectedEnd,
    /// A LEB128 number has too many bytes.
    IntegerTooLong,
    /// A LEB128 number has bits past its width.
    IntegerTooLarge,
    /// A length points past the end of the module.
    Length,
    /// A name is not UTF-8.
    Utf8,
    /// No value type begins with this byte.
    ValueType(u8),
    /// No reference type begins with this byte.
    ReferenceType(u8),
    /// A negative number that stands for no abstract heap type.
    HeapType,
    /// A negative number that stands for no block type.
    BlockType,
    /// No type definition begins with this byte.
    DefinitionType(u8),
    /// No field type begins with this byte.
    StorageType(u8),
    /// Neither 0 (constant) nor 1 (variable).
    Mutability(u8),
    /// Unknown flags before limits.
    LimitsFlags(u8),
    /// An exponent of a page size past 63.
    PageSize,
    /// No kind of import.
    ImportKind(u8),
    /// No kind of export.
    ExportKind(u8),
    /// No kind of element segment.
    ElemSegment(u32),
    /// No kind of elements.
    ElemKind(u8),
    /// No kind of data segment.
    DataSegment(u32),
    /// Unknown flags in a memory argument.
    MemArgFlags,
    /// Unknown flags of a cast.
    CastFlags(u8),
    /// No kind of catch clause.
    CatchKind(u8),
    /// No instruction has this opcode, or it belongs to a feature that is off.
    Opcode(u8),
    /// The opcode of an instruction that was replaced before exception handling was standardized.
    LegacyException(u8),
    /// No instruction has this opcode after this prefix, or it belongs to a feature that is off.
    SubOpcode(u8, u32),
    /// A byte reserved for later that is not zero.
    ZeroByte,
    /// An instruction sequence stops without its `end`.
    EndExpected,
    /// The function section and the code section differ in length.
    CodeLength,
    /// The data count section and the data section differ.
    DataLength,
    /// An instruction names a data segment, and there is no data count section.
    DataCountRequired,
    /// The encoding belongs to a feature that is off.
    FeatureOff(&'static str),
    /// Larger than this implementation admits.
    Limit(Limit),
}

macro_rules! limit {
    ($($(#[$doc:meta])* $name:ident $max:ident $text:literal)*) => {
        /// What there is too much of (see [`limits`]).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Limit { $($(#[$doc])* $name),* }

        impl Limit {
            /// All of them.
            pub const ALL: &'static [Limit] = &[$(Limit::$name),*];

            /// The largest number admitted.
            pub const fn max(self) -> u32 {
                match self { $(Limit::$name => limits::$max),* }
            }

            const fn text(self) -> &'static str {
                match self { $(Limit::$name => $text),* }
            }
        }
    };
}

limit! {
    /// Bytes of the module.
    ModuleSize MODULE_SIZE "module too large"
    /// Defined types.
    Types TYPES "too many types"
    /// Members of a recursion group.
    RecGroup REC_GROUP "too many types in a recursion group"
    /// Declared supertypes of a type.
    Supertypes SUPERTYPES "too many supertypes"
    /// Parameters of a function type.
    Params PARAMS "too many parameters"
    /// Results of a function type.
    Results RESULTS "too many results"
    /// Fields of a struct type.
    Fields FIELDS "too many fields"
    /// Functions.
    Functions FUNCTIONS "too many functions"
    /// Tables.
    Tables TABLES "too many tables"
    /// Memories.
    Memories MEMORIES "too many memories"
    /// Tags.
    Tags TAGS "too many tags"
    /// Globals.
    Globals GLOBALS "too many globals"
    /// Imports.
    Imports IMPORTS "too many imports"
    /// Exports.
    Exports EXPORTS "too many exports"
    /// Element segments.
    Elems ELEMS "too many element segments"
    /// Elements of a segment.
    ElemItems ELEM_ITEMS "too many elements"
    /// Data segments.
    Datas DATAS "too many data segments"
    /// Locals of a function.
    Locals LOCALS "too many locals"
    /// Bytes of a function body.
    FunctionSize FUNCTION_SIZE "function body too large"
    /// Clauses of a `try_table`.
    Catches CATCHES "too many catch clauses"
    /// Bytes of a name.
    StringSize STRING_SIZE "name too long"
}

/// The name of an instruction of the legacy exception-handling proposal.
pub(super) const fn legacy_exception(opcode: u8) -> Option<&'static str> {
    match opcode {
        0x06 => Some("try"),
        0x07 => Some("catch"),
        0x09 => Some("rethrow"),
        0x18 => Some("delegate"),
        0x19 => Some("catch_all"),
        _ => None, // Every other opcode is of this version, or of none.
    }
}

impl Limit {
    /// The unit of the limit, where it is not a number of things.
    const fn unit(self) -> &'static str {
        match self {
            Limit::ModuleSize | Limit::FunctionSize | Limit::StringSize => " bytes",
            _ => "", // The others are counts.
        }
    }
}

impl MalformedKind {
    /// Places the error.
    pub(super) const fn at(self, offset: u32) -> Malformed {
        Malformed { kind: self, offset }
    }
}

impl fmt::Display for MalformedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MalformedKind::Magic => "magic header not detected",
            MalformedKind::Version => "unknown binary version",
            MalformedKind::Component => {
                "this is a component, not a module, and components are not supported yet"
            }
            MalformedKind::SectionId(id) => return write!(f, "malformed section id {id}"),
            MalformedKind::SectionSize => "section size mismatch",
            MalformedKind::SectionOrder(id) => {
                return write!(f, "unexpected content after last section: section {id}");
            }
            MalformedKind::UnexpectedEnd => "unexpected end of section or function",
            MalformedKind::IntegerTooLong => "integer representation too long",
            MalformedKind::IntegerTooLarge => "integer too large",
            MalformedKind::Length => "length out of bounds",
            MalformedKind::Utf8 => "malformed UTF-8 encoding",
            MalformedKind::ValueType(byte) => {
                return write!(f, "malformed value type {byte:02x}");
            }
            MalformedKind::ReferenceType(byte) => {
                return write!(f, "malformed reference type {byte:02x}");
            }
            MalformedKind::HeapType => "malformed heap type",
            MalformedKind::BlockType => "malformed block type",
            MalformedKind::DefinitionType(byte) => {
                return write!(f, "malformed definition type {byte:02x}");
            }
            MalformedKind::StorageType(byte) => {
                return write!(f, "malformed storage type {byte:02x}");
            }
            MalformedKind::Mutability(byte) => {
                return write!(f, "malformed mutability {byte:02x}");
            }
            MalformedKind::LimitsFlags(byte) => {
                return write!(f, "malformed limits flags {byte:02x}");
            }
            MalformedKind::PageSize => "invalid custom page size",
            MalformedKind::ImportKind(byte) => {
                return write!(f, "malformed import kind {byte:02x}");
            }
            MalformedKind::ExportKind(byte) => {
                return write!(f, "malformed export kind {byte:02x}");
            }
            MalformedKind::ElemSegment(kind) => {
                return write!(f, "malformed elements segment kind {kind}");
            }
            MalformedKind::ElemKind(byte) => {
                return write!(f, "malformed element kind {byte:02x}");
            }
            MalformedKind::DataSegment(kind) => {
                return write!(f, "malformed data segment kind {kind}");
            }
            MalformedKind::MemArgFlags => "malformed memop flags",
            MalformedKind::CastFlags(byte) => {
                return write!(f, "malformed br_on_cast flags {byte:02x}");
            }
            MalformedKind::CatchKind(byte) => {
                return write!(f, "malformed catch clause {byte:02x}");
            }
            MalformedKind::Opcode(byte) => return write!(f, "illegal opcode {byte:02x}"),
            MalformedKind::LegacyException(byte) => {
                let name = legacy_exception(*byte).unwrap_or("unknown");
                return write!(
                    f,
                    "illegal opcode {byte:02x}: `{name}` of the legacy exception-handling \
                     proposal, which `wasm-opt --translate-to-exnref` translates to the standard"
                );
            }
            MalformedKind::SubOpcode(byte, code) => {
                return write!(f, "illegal opcode {byte:02x} {code:02x}");
            }
            MalformedKind::ZeroByte => "zero byte expected",
            MalformedKind::EndExpected => "END opcode expected",
            MalformedKind::CodeLength => "function and code section have inconsistent lengths",
            MalformedKind::DataLength => "data count and data section have inconsistent lengths",
            MalformedKind::DataCountRequired => "data count section required",
            MalformedKind::FeatureOff(name) => return write!(f, "{name} is not enabled"),
            MalformedKind::Limit(limit) => {
                let (text, max, unit) = (limit.text(), limit.max(), limit.unit());
                return write!(f, "{text} (the limit is {max}{unit})");
            }
        })
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            // What it is concerns all of it, and the bytes may come from a text.
            MalformedKind::Component => self.kind.fmt(f),
            // Everything else has its place.
            kind => write!(f, "{kind} (at {:#x})", self.offset),
        }
    }
}

impl core::error::Error for Malformed {}
