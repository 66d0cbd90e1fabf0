//! Error numbers (`errno` of `wasi_snapshot_preview1`).

use crate::wasi::host::error::ErrorCode;

macro_rules! errnos {
    ($($(#[$doc:meta])* $name:ident $number:literal)*) => {
        /// An error number, as WASI 0.1 returns it to the guest.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Errno { $($(#[$doc])* $name = $number),* }

        impl Errno {
            /// All error numbers, in order.
            pub const ALL: &'static [Errno] = &[$(Errno::$name),*];

            /// Returns the error with a number, if there is one.
            pub fn from_number(number: u16) -> Option<Errno> {
                Errno::ALL.get(usize::from(number)).copied()
            }

            /// Returns the name that C uses, such as `ENOENT`.
            pub fn symbol(self) -> String {
                match self {
                    Errno::Success => "0".to_owned(),
                    Errno::TooBig => "E2BIG".to_owned(),
                    errno => format!("E{}", format!("{errno:?}").to_uppercase()),
                }
            }
        }
    };
}

errnos! {
    /// It worked.
    Success 0
    /// Argument list too long.
    TooBig 1
    /// Permission denied.
    Acces 2
    /// Address in use.
    AddrInUse 3
    /// Address not available.
    AddrNotAvail 4
    /// Address family not supported.
    AfNoSupport 5
    /// Try again.
    Again 6
    /// Already in progress.
    Already 7
    /// Bad descriptor.
    BadF 8
    /// Bad message.
    BadMsg 9
    /// Busy.
    Busy 10
    /// Canceled.
    Canceled 11
    /// No child processes.
    Child 12
    /// Connection aborted.
    ConnAborted 13
    /// Connection refused.
    ConnRefused 14
    /// Connection reset.
    ConnReset 15
    /// Deadlock would occur.
    Deadlk 16
    /// Destination address required.
    DestAddrReq 17
    /// Argument out of the function's domain.
    Dom 18
    /// Reserved.
    Dquot 19
    /// Exists already.
    Exist 20
    /// Bad address.
    Fault 21
    /// File too large.
    FBig 22
    /// Host unreachable.
    HostUnreach 23
    /// Identifier removed.
    IdRm 24
    /// Illegal byte sequence.
    IlSeq 25
    /// In progress.
    InProgress 26
    /// Interrupted.
    Intr 27
    /// Invalid argument.
    Inval 28
    /// Input or output error.
    Io 29
    /// Connected already.
    IsConn 30
    /// Is a directory.
    IsDir 31
    /// Too many symbolic links.
    Loop 32
    /// Too many descriptors.
    MFile 33
    /// Too many links.
    MLink 34
    /// Message too large.
    MsgSize 35
    /// Reserved.
    Multihop 36
    /// Name too long.
    NameTooLong 37
    /// Network is down.
    NetDown 38
    /// Connection aborted by network.
    NetReset 39
    /// Network unreachable.
    NetUnreach 40
    /// Too many open files in the system.
    NFile 41
    /// No buffer space.
    NoBufs 42
    /// No such device.
    NoDev 43
    /// No such file or directory.
    NoEnt 44
    /// Not executable.
    NoExec 45
    /// No locks.
    NoLck 46
    /// Reserved.
    NoLink 47
    /// Out of memory.
    NoMem 48
    /// No message of the desired type.
    NoMsg 49
    /// Protocol not available.
    NoProtoOpt 50
    /// No space left.
    NoSpc 51
    /// Not supported.
    NoSys 52
    /// Not connected.
    NotConn 53
    /// Not a directory.
    NotDir 54
    /// Directory not empty.
    NotEmpty 55
    /// State not recoverable.
    NotRecoverable 56
    /// Not a socket.
    NotSock 57
    /// Not supported for this.
    NotSup 58
    /// Not a terminal's function.
    NoTty 59
    /// No such device or address.
    NxIo 60
    /// Value too large.
    Overflow 61
    /// Previous owner died.
    OwnerDead 62
    /// Not permitted.
    Perm 63
    /// Broken pipe.
    Pipe 64
    /// Protocol error.
    Proto 65
    /// Protocol not supported.
    ProtoNoSupport 66
    /// Protocol of another type.
    ProtoType 67
    /// Result too large.
    Range 68
    /// Read-only file system.
    RoFs 69
    /// Not seekable.
    SPipe 70
    /// No such process.
    Srch 71
    /// Reserved.
    Stale 72
    /// Timed out.
    TimedOut 73
    /// Text file busy.
    TxtBsy 74
    /// Across devices.
    XDev 75
    /// A right is missing.
    NotCapable 76
}

impl From<ErrorCode> for Errno {
    fn from(code: ErrorCode) -> Errno {
        match code {
            ErrorCode::Access => Errno::Acces,
            ErrorCode::WouldBlock => Errno::Again,
            ErrorCode::BadDescriptor => Errno::BadF,
            ErrorCode::Busy => Errno::Busy,
            ErrorCode::ConnectionAborted => Errno::ConnAborted,
            ErrorCode::ConnectionRefused => Errno::ConnRefused,
            ErrorCode::ConnectionReset => Errno::ConnReset,
            ErrorCode::Deadlock => Errno::Deadlk,
            ErrorCode::Quota => Errno::Dquot,
            ErrorCode::Exist => Errno::Exist,
            ErrorCode::FileTooLarge => Errno::FBig,
            ErrorCode::IllegalByteSequence => Errno::IlSeq,
            ErrorCode::InProgress => Errno::InProgress,
            ErrorCode::Interrupted => Errno::Intr,
            ErrorCode::Invalid => Errno::Inval,
            ErrorCode::Io => Errno::Io,
            ErrorCode::IsDirectory => Errno::IsDir,
            ErrorCode::Loop => Errno::Loop,
            ErrorCode::TooManyLinks => Errno::MLink,
            ErrorCode::TooManyFiles => Errno::MFile,
            ErrorCode::MessageSize => Errno::MsgSize,
            ErrorCode::NameTooLong => Errno::NameTooLong,
            ErrorCode::NoDevice => Errno::NoDev,
            ErrorCode::NoEntry => Errno::NoEnt,
            ErrorCode::NoLock => Errno::NoLck,
            ErrorCode::InsufficientMemory => Errno::NoMem,
            ErrorCode::InsufficientSpace => Errno::NoSpc,
            ErrorCode::NotDirectory => Errno::NotDir,
            ErrorCode::NotEmpty => Errno::NotEmpty,
            ErrorCode::NotConnected => Errno::NotConn,
            ErrorCode::NotSocket => Errno::NotSock,
            ErrorCode::Unsupported => Errno::NotSup,
            ErrorCode::NoTty => Errno::NoTty,
            ErrorCode::NoSuchDevice => Errno::NxIo,
            ErrorCode::Overflow => Errno::Overflow,
            ErrorCode::NotPermitted => Errno::Perm,
            ErrorCode::Pipe => Errno::Pipe,
            ErrorCode::ReadOnly => Errno::RoFs,
            ErrorCode::InvalidSeek => Errno::SPipe,
            ErrorCode::TimedOut => Errno::TimedOut,
            ErrorCode::TextFileBusy => Errno::TxtBsy,
            ErrorCode::CrossDevice => Errno::XDev,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Errno;

    #[test]
    fn numbers_have_no_gap() {
        for (number, errno) in Errno::ALL.iter().enumerate() {
            assert_eq!(*errno as usize, number);
        }
        assert_eq!(Errno::ALL.len(), 77);
    }
}
