# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What can go wrong while bytes are moved, as sentences with a remedy."""

from migrate_service import exceptions


class TransferFailed(exceptions.StepFailed):
    """Base of all errors of a transfer."""

    code = 'transfer.failed'
    title = 'Transfer failed'
    template = 'Disk %(disk)s could not be copied: %(reason)s'
    remedy = 'Correct the cause and retry: the copy goes on where it was.'


class SourceReadFailed(TransferFailed):
    code = 'transfer.source_read_failed'
    template = 'Disk %(disk)s could not be read: %(reason)s'
    remedy = (
        'Check that the source and its datastore are reachable from the '
        'conversion node, then retry: the copy goes on where it was.'
    )


class SinkWriteFailed(TransferFailed):
    code = 'transfer.sink_write_failed'
    template = 'The target of disk %(disk)s could not be written: %(reason)s'
    remedy = (
        'Check the volume back end for errors and free space, then retry: '
        'the copy goes on where it was.'
    )


class SinkUnusable(TransferFailed):
    code = 'transfer.sink_unusable'
    template = 'The target of disk %(disk)s cannot be used: %(reason)s'
    remedy = 'Check the volume and its attachment on the node, then retry.'


class SizeMismatch(TransferFailed):
    code = 'transfer.size_mismatch'
    template = (
        'Disk %(disk)s has %(actual)s bytes where %(expected)s were expected.'
    )
    remedy = 'Refresh the source: the disk was resized or replaced.'


class MoverDied(TransferFailed):
    code = 'transfer.mover_died'
    template = (
        'The data mover of disk %(disk)s ended with code %(returncode)s: '
        '%(reason)s'
    )
    remedy = 'Retry: the copy goes on where it was. Report it if it repeats.'


class TransportFailed(exceptions.StepFailed):
    """Base of all errors of opening a source disk."""

    code = 'transport.failed'
    title = 'Transport failed'
    template = 'The disk cannot be opened at %(where)s: %(reason)s'
    remedy = 'Correct the cause and retry.'


class TransportRefused(TransportFailed):
    code = 'transport.refused'
    template = '%(where)s refused the credentials (HTTP %(status)s).'
    remedy = (
        'Check that the account of the source is valid and has the '
        'privilege Datastore.Browse and Low level file operations.'
    )


class TransportDenied(TransportFailed):
    code = 'transport.denied'
    template = '%(where)s refused the credentials: %(reason)s'
    remedy = (
        'Check that the account of the source is valid and has the '
        'privilege VirtualMachine.Provisioning.GetVmFiles and DiskRandomRead.'
    )


class TransportNotFound(TransportFailed):
    code = 'transport.not_found'
    template = 'There is no disk file at %(where)s.'
    remedy = 'Refresh the source: the disk was moved, renamed or deleted.'


class TransportUntrusted(TransportFailed):
    code = 'transport.untrusted'
    template = 'The certificate of %(where)s is not accepted: %(reason)s'
    remedy = 'Correct the CA bundle or the pinned fingerprint of the source.'


class TransportUnreachable(TransportFailed):
    code = 'transport.unreachable'
    template = '%(where)s cannot be reached: %(reason)s'
    remedy = 'Check the network between the conversion node and the source.'


class TransportNoRanges(TransportFailed):
    code = 'transport.no_ranges'
    template = '%(where)s does not answer range requests: %(reason)s'
    remedy = 'Remove the proxy between the node and the source.'


class TransportWrongSize(TransportFailed):
    code = 'transport.wrong_size'
    template = (
        'The disk at %(where)s has %(actual)s bytes where %(expected)s '
        'were expected.'
    )
    remedy = 'Refresh the source: the disk was resized or replaced.'
