//! Functions of sockets. No descriptor stands for a socket yet.

use super::{Answer, Call};

impl Call<'_> {
    pub(super) fn sock_accept(&mut self, fd: u32, _flags: u32, _accepted: u32) -> Answer {
        self.not_a_socket(fd)
    }

    pub(super) fn sock_recv(
        &mut self,
        fd: u32,
        _iovs: u32,
        _n: u32,
        _flags: u32,
        _read: u32,
        _told: u32,
    ) -> Answer {
        self.not_a_socket(fd)
    }

    pub(super) fn sock_send(
        &mut self,
        fd: u32,
        _iovs: u32,
        _n: u32,
        _flags: u32,
        _written: u32,
    ) -> Answer {
        self.not_a_socket(fd)
    }

    pub(super) fn sock_shutdown(&mut self, fd: u32, _how: u32) -> Answer {
        self.not_a_socket(fd)
    }
}
