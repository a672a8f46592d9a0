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


"""What the drivers refuse or meet, each with a stable code and a remedy.

``retryable`` marks what passes by itself: the step is tried again later, up
to ``[conductor] max_attempts`` times.
"""

from migrate_service import exceptions


class DriverError(exceptions.StepFailed):
    """Base of all errors of the drivers."""

    retryable = False
    #: The server that runs in place of the source is no good.
    unfit = False


class SourceUnreachable(DriverError):
    code = 'source.unreachable'
    title = 'Source unreachable'
    template = 'The source %(address)s does not answer: %(reason)s'
    remedy = (
        'Check the address and port of the source, and the network and '
        'firewalls between the conversion node and it.'
    )
    retryable = True


class SourceAddressUnknown(DriverError):
    code = 'source.address_unknown'
    title = 'Source address unknown'
    template = 'The name %(address)s of the source cannot be resolved.'
    remedy = 'Correct the address, or the name server of the conversion node.'


class SourceAddressRefused(DriverError):
    code = 'source.address_refused'
    title = 'Source address refused'
    template = (
        'The address %(address)s of the source leads to %(ip)s, %(reason)s.'
    )
    remedy = (
        'Use an address that is reachable for everybody, or ask the operator '
        'to add its network to [vsphere] allowed_networks.'
    )


class SourceLoginRefused(DriverError):
    code = 'source.login_refused'
    title = 'Login refused'
    template = 'The source refused the user name or the password.'
    remedy = (
        'Correct the user name and the password of the source. It is not '
        'tried again by itself, so that the account is not locked.'
    )


class SourceUntrusted(DriverError):
    code = 'source.tls_untrusted'
    title = 'Certificate not trusted'
    template = 'The certificate of %(address)s is not trusted: %(reason)s'
    remedy = (
        'Give the CA certificate of the source, or the SHA-256 fingerprint '
        'of its certificate after checking it by another way.'
    )


class SourcePinMismatch(DriverError):
    code = 'source.pin_mismatch'
    title = 'Fingerprint mismatch'
    template = (
        'The certificate of %(address)s has the SHA-256 fingerprint '
        '%(actual)s, not the one given.'
    )
    remedy = (
        'Find out by another way which fingerprint is right. If the '
        'certificate was renewed, update the source; if not, somebody may '
        'be listening in.'
    )


class SourcePinInvalid(DriverError):
    code = 'source.pin_invalid'
    title = 'Fingerprint invalid'
    template = 'The fingerprint given is not a SHA-256 fingerprint.'
    remedy = 'Give 64 hexadecimal digits, colons allowed.'


class SourceCaInvalid(DriverError):
    code = 'source.ca_invalid'
    title = 'CA bundle invalid'
    template = 'The CA bundle of the source cannot be read: %(reason)s'
    remedy = 'Give one or more certificates in PEM format.'


class SourceNotVsphere(DriverError):
    code = 'source.not_vsphere'
    title = 'No vSphere'
    template = 'What answers at %(address)s is no vSphere: %(reason)s'
    remedy = 'Give the address and port of a vCenter Server or ESXi host.'


class SourcePrivilegeMissing(DriverError):
    code = 'source.privilege_missing'
    title = 'Privilege missing'
    template = (
        'The account of the source lacks the privilege %(privilege)s on '
        '%(object)s.'
    )
    remedy = 'Add the privilege to a role of the account, then retry.'


class SourceFault(DriverError):
    code = 'source.fault'
    title = 'vSphere fault'
    template = 'vSphere answered %(fault)s to %(operation)s: %(reason)s'
    remedy = 'See the events of the machine in vSphere, then retry.'


class SourceBusy(SourceFault):
    code = 'source.busy'
    title = 'vSphere busy'
    remedy = 'Wait until the other task on the machine has ended, then retry.'
    retryable = True


class SourceTimeout(DriverError):
    code = 'source.timeout'
    title = 'vSphere timeout'
    template = '%(operation)s did not end within %(seconds)s seconds.'
    remedy = 'See the tasks of the machine in vSphere, then retry.'
    retryable = True


class MachineGone(DriverError):
    code = 'machine.gone'
    title = 'Machine gone'
    template = 'The source has no machine %(machine)s any more.'
    remedy = 'Refresh the source and choose the machine again.'


class MachineDiskRdm(DriverError):
    code = 'machine.disk_rdm'
    title = 'Raw device mapping'
    template = (
        'The %(disk)s of %(machine)s is a raw device mapping, whose content '
        'lies on a storage system and not on a datastore.'
    )
    remedy = (
        'Convert it to a virtual disk by storage vMotion, or detach it and '
        'move its LUN by other means.'
    )


class MachineDiskEncrypted(DriverError):
    code = 'machine.disk_encrypted'
    title = 'Encrypted machine'
    template = 'The %(disk)s of %(machine)s is encrypted by vSphere.'
    remedy = 'Decrypt the machine by changing its storage policy, then retry.'


class MachineDiskUnsupported(DriverError):
    code = 'machine.disk_unsupported'
    title = 'Disk not supported'
    template = 'The %(disk)s of %(machine)s cannot be read: %(reason)s'
    remedy = 'Move the disk to a VMFS or NFS datastore by storage vMotion.'


class MachineDiskShared(DriverError):
    code = 'machine.disk_shared'
    title = 'Disk is shared'
    template = 'The %(disk)s of %(machine)s is shared with other machines.'
    remedy = (
        'Detach the disk from the machine and move what it holds by other '
        'means: a copy for one machine would part it from the others.'
    )


class MachineHasNoDisks(DriverError):
    code = 'machine.no_disks'
    title = 'No disks'
    template = (
        'The machine %(machine)s has no disks: there is nothing to move.'
    )
    remedy = 'Create a new server in OpenStack instead.'


class MachineHasSnapshots(DriverError):
    code = 'machine.has_snapshots'
    title = 'Machine has snapshots'
    template = (
        'The %(disk)s of %(machine)s is in a chain of snapshots, which this '
        'transport cannot read.'
    )
    remedy = (
        'Delete all snapshots of the machine and consolidate its disks, '
        'then retry.'
    )


class MachineDiskIndependent(DriverError):
    code = 'machine.disk_independent'
    title = 'Disk without snapshots'
    template = (
        'The %(disk)s of %(machine)s is %(reason)s: snapshots leave it out, '
        'so it cannot be copied while the machine runs.'
    )
    remedy = 'Move the machine cold, or change the mode of the disk.'


class MachineNotConsolidated(DriverError):
    code = 'machine.not_consolidated'
    title = 'Disks not consolidated'
    template = (
        'The snapshot of %(machine)s was removed, but its disks could not '
        'be consolidated.'
    )
    remedy = (
        'Look for a backup or another process that has the disks open, and '
        'for free space on the datastore; consolidate in vSphere, then retry.'
    )
    retryable = True


class TrackingUnusable(DriverError):
    """The changes cannot be told; never shown: disks are compared then."""

    code = 'machine.tracking_unusable'
    title = 'Changed block tracking unusable'
    template = 'Changes of %(disk)s cannot be told: %(reason)s'
    remedy = 'None: the disk is compared with its copy instead.'


class MachineSuspended(DriverError):
    code = 'machine.suspended'
    title = 'Machine suspended'
    template = 'The machine %(machine)s is suspended: its memory is not moved.'
    remedy = 'Resume the machine, or power it off, then retry.'


class MachineIsTemplate(DriverError):
    code = 'machine.template'
    title = 'Template'
    template = '%(machine)s is a template.'
    remedy = 'Convert it to a virtual machine, or deploy one from it.'


class MachineUnavailable(DriverError):
    code = 'machine.unavailable'
    title = 'Machine unavailable'
    template = 'The machine %(machine)s is %(state)s in vSphere.'
    remedy = 'Bring its host back or register the machine again, then retry.'


class MachineFirmwareUnsupported(DriverError):
    code = 'machine.firmware_unsupported'
    title = 'Firmware not supported'
    template = 'The machine %(machine)s has the firmware %(firmware)s.'
    remedy = 'Only bios and efi can be moved.'


class MachineRestarted(DriverError):
    code = 'machine.restarted'
    title = 'Machine restarted'
    template = (
        'The machine %(machine)s was started in vSphere while it was being '
        'copied: the copy may be torn.'
    )
    remedy = (
        'Find out who started it (see the events in vSphere). Retry a warm '
        'migration: it goes back to its rounds while the machine runs. '
        'Cancel a cold one and start it again.'
    )


class MachineChanged(DriverError):
    code = 'machine.changed'
    title = 'Machine changed'
    template = (
        'The machine %(machine)s, or its disks, are not those that were '
        'there when the migration began.'
    )
    remedy = 'Cancel this migration and create a new one.'


class MachineDiskRemoved(DriverError):
    code = 'machine.disk_removed'
    title = 'Disk removed'
    template = (
        'The %(disk)s was removed from the machine %(machine)s while it is '
        'being moved.'
    )
    remedy = (
        'Attach the disk again and retry, or cancel this migration and '
        'create a new one.'
    )


class MachineStillRunning(DriverError):
    code = 'machine.still_running'
    title = 'Machine still running'
    template = 'The machine %(machine)s is %(state)s although it was stopped.'
    remedy = 'See the events of the machine in vSphere, then retry.'


class TransportUnavailable(DriverError):
    code = 'transport.unavailable'
    title = 'Transport not available'
    template = 'No transport can read %(machine)s: %(reason)s'
    remedy = (
        'Choose another transport, or ask the operator to enable one on the '
        'conversion nodes.'
    )


class MigrationBlocked(DriverError):
    code = 'migration.blocked'
    title = 'Migration blocked'
    template = '%(machine)s cannot be moved: %(reason)s'
    remedy = '%(remedies)s'


class NetworkUnmapped(DriverError):
    code = 'migration.network_unmapped'
    title = 'Network not mapped'
    template = (
        'The %(nic)s of %(machine)s is on the network %(network)s, for '
        'which no Neutron network was given.'
    )
    remedy = 'Create the migration again with a network for it.'


class ProbePanic(DriverError):
    code = 'probe.panic'
    title = 'Guest panics'
    template = 'The guest does not boot: its console shows "%(line)s".'
    remedy = (
        'Read the console (in result.failed_probe). Roll back or cancel to '
        'go back to the source, or choose another conversion in a new '
        'migration.'
    )
    unfit = True


class ProbeEmergencyShell(ProbePanic):
    code = 'probe.emergency_shell'
    title = 'Guest in emergency shell'


class ProbeNotBootable(ProbePanic):
    code = 'probe.not_bootable'
    title = 'No boot loader found'
    template = 'The firmware finds nothing to boot: "%(line)s".'


class ProbeTimeout(DriverError):
    code = 'probe.timeout'
    title = 'Probe timed out'
    template = '%(what)s was not seen within %(seconds)s seconds.'
    remedy = (
        'Read the console (in result.failed_probe), and see that security '
        'groups let the probe in. Then cut over again, retry or cancel.'
    )
    unfit = True


class ProbeNotPlugged(DriverError):
    code = 'probe.not_plugged'
    title = 'Node not plugged in'
    template = (
        'This node could not be plugged into the network of the rehearsal: '
        '%(reason)s'
    )
    remedy = (
        'Let the operator check [worker] probe_plugging of the node; '
        'rehearse without --probe-ping, --probe-tcp-port and --probe-http.'
    )


class ProbeUnsupported(DriverError):
    code = 'probe.unsupported'
    title = 'Probe not supported'
    template = 'The %(probe)s probe is not supported on this node.'
    remedy = 'Create the migration again without this probe.'
