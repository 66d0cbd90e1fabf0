//! Functions of sockets: those that were handed in, and the connections that come to them.

use super::errno::Errno;
use super::table::{Descriptor, Object};
use super::types::{fdflags, rights, sockflags};
use super::{Answer, Call};
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::poll::Event;

impl Call<'_> {
    pub(super) fn sock_accept(&mut self, fd: u32, flags: u32, accepted: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::Listener(listener) = &descriptor.object else {
            return Err(Errno::NotSock.into());
        };
        descriptor.need(rights::SOCK_ACCEPT)?;
        if flags & !u32::from(fdflags::NONBLOCK) != 0 {
            return Err(Errno::Inval.into());
        }
        self.memory.check(accepted, 4)?;
        self.ctx.table.check_room()?;
        let nonblocking = descriptor.powers().flags & fdflags::NONBLOCK != 0;
        let connection = loop {
            match listener.accept() {
                Err(ErrorCode::WouldBlock) if !nonblocking => {
                    self.wait_for(Event::Listener(listener))?;
                }
                result => break result?,
            }
        };
        let descriptor = Descriptor::connection(connection, flags as u16);
        let fd = self.ctx.table.add(descriptor)?;
        Ok(self.memory.write_u32(accepted, fd)?)
    }

    pub(super) fn sock_recv(
        &mut self,
        fd: u32,
        list: u32,
        n: u32,
        flags: u32,
        read: u32,
        told: u32,
    ) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::Connection(connection) = &descriptor.object else {
            return Err(Errno::NotSock.into());
        };
        descriptor.need(rights::FD_READ)?;
        if flags & !(sockflags::PEEK | sockflags::WAITALL) != 0 {
            return Err(Errno::Inval.into());
        }
        let buffers = self.buffers(list, n)?;
        self.memory.check(read, 4)?;
        self.memory.check(told, 2)?;
        let peek = flags & sockflags::PEEK != 0;
        let wait = self.reading(&descriptor);
        // Looking does not go on, so only the first piece can be looked at.
        let seen = if peek {
            &buffers[..buffers.len().min(1)]
        } else {
            &buffers[..]
        };
        let mut receive = |buffer: &mut [u8]| connection.receive(buffer, peek);
        let count = match flags & sockflags::WAITALL != 0 && !peek {
            true => self.fill_all(seen, wait, &mut receive)?,
            false => self.fill(seen, wait, &mut receive)?,
        };
        self.memory.write_u32(read, count)?;
        Ok(self.memory.write(told, &[0, 0])?)
    }

    pub(super) fn sock_send(
        &mut self,
        fd: u32,
        list: u32,
        n: u32,
        flags: u32,
        written: u32,
    ) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::Connection(connection) = &descriptor.object else {
            return Err(Errno::NotSock.into());
        };
        descriptor.need(rights::FD_WRITE)?;
        if flags != 0 {
            return Err(Errno::Inval.into());
        }
        let buffers = self.buffers(list, n)?;
        self.memory.check(written, 4)?;
        let wait = self.writing(&descriptor);
        let count = self.drain(&buffers, wait, &mut |bytes| connection.send(bytes))?;
        Ok(self.memory.write_u32(written, count)?)
    }

    pub(super) fn sock_shutdown(&mut self, fd: u32, how: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::Connection(connection) = &descriptor.object else {
            return Err(Errno::NotSock.into());
        };
        descriptor.need(rights::SOCK_SHUTDOWN)?;
        if how == 0 || how & !(sockflags::SHUT_READ | sockflags::SHUT_WRITE) != 0 {
            return Err(Errno::Inval.into());
        }
        let (read, write) = (how & sockflags::SHUT_READ, how & sockflags::SHUT_WRITE);
        Ok(connection.shutdown(read != 0, write != 0)?)
    }
}
