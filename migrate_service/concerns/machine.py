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

"""Concerns about the state and the virtual hardware of the machine."""

from migrate_service.concerns import model

FAMILY = model.Family()
FIRMWARE = ('bios', 'efi')


@FAMILY.rule(
    code='concern.machine_template',
    what='%(machine)s is a template.',
    why='A template never ran and is meant to be copied, not to be moved.',
    remedy='Convert it to a virtual machine, or deploy one from it.',
    origin='vSphere API, VirtualMachineConfigInfo.template',
    refusal='machine.unsupported',
)
def _template(facts):
    if facts.machine.template:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.machine_unavailable',
    what='%(machine)s is %(state)s in vSphere.',
    why='Neither its disks nor its power state can be reached.',
    remedy='Bring its host back or register the machine again, then refresh.',
    origin='vSphere API, VirtualMachineConnectionState',
    refusal='machine.unsupported',
)
def _unavailable(facts):
    state = facts.machine.connection_state
    if state != 'connected':
        yield {'machine': facts.machine.name, 'state': state}


@FAMILY.rule(
    code='concern.machine_suspended',
    what='%(machine)s is suspended.',
    why='Its memory is not moved; what was not yet written would be lost.',
    remedy='Resume the machine, or power it off.',
    origin='vSphere API, VirtualMachinePowerState',
    refusal='machine.unsupported',
)
def _suspended(facts):
    if facts.machine.power_state == 'suspended':
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.machine_off',
    what='%(machine)s is off.',
    why='Nothing changes on its disks: a warm migration has no advantage.',
    remedy='Move it cold; nobody waits for it meanwhile.',
    origin='vSphere API, QueryChangedDiskAreas',
    cold=None,
    warm=model.INFO,
)
def _off(facts):
    if facts.machine.power_state == 'off':
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.machine_question',
    what='%(machine)s waits for the answer to a question: %(question)s',
    why='vSphere carries out nothing on it until somebody answered.',
    remedy='Answer the question in vSphere, then refresh the source.',
    origin='vSphere API, VirtualMachineRuntimeInfo.question',
    overridable=True,
)
def _question(facts):
    if facts.machine.question:
        yield {
            'machine': facts.machine.name,
            'question': facts.machine.question,
        }


@FAMILY.rule(
    code='concern.machine_managed',
    what='%(machine)s is managed by %(manager)s.',
    why=(
        'That product may undo what is done to the machine, or stop working '
        'without it.'
    ),
    remedy='Move only machines that are yours; ask who runs that product.',
    origin='vSphere API, ManagedByInfo',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _managed(facts):
    if facts.machine.managed_by:
        yield {
            'machine': facts.machine.name,
            'manager': facts.machine.managed_by,
        }


@FAMILY.rule(
    code='concern.machine_locked',
    what='Another product has disabled %(methods)s on %(machine)s.',
    why=(
        'Backup products do that while they work. Snapshots of two tools '
        'disturb each other.'
    ),
    remedy='Wait until the backup has ended, then refresh the source.',
    origin='vSphere API, AuthorizationManager.DisableMethods',
    cold=model.WARNING,
    overridable=True,
)
def _locked(facts):
    if facts.machine.locked:
        yield {
            'machine': facts.machine.name,
            'methods': ', '.join(facts.machine.locked),
        }


@FAMILY.rule(
    code='concern.fault_tolerance',
    what='Fault Tolerance is on for %(machine)s.',
    why='vSphere takes no snapshots of it, and runs a second machine beside.',
    remedy='Turn Fault Tolerance off before the migration.',
    origin='vSphere Availability, Fault Tolerance: unsupported features',
    cold=model.WARNING,
)
def _fault_tolerance(facts):
    if facts.machine.fault_tolerance:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.firmware_unsupported',
    what='%(machine)s has the firmware %(firmware)s.',
    why='Nova boots with BIOS or UEFI only.',
    remedy='None: only bios and efi can be moved.',
    origin='Nova image property hw_firmware_type',
)
def _firmware(facts):
    if facts.machine.firmware not in FIRMWARE:
        yield {
            'machine': facts.machine.name,
            'firmware': facts.machine.firmware,
        }


@FAMILY.rule(
    code='concern.secure_boot',
    what='Secure boot is on for %(machine)s.',
    why=(
        'The server asks for secure boot as well if its boot loader is '
        'signed; then only hosts that offer it can run the server.'
    ),
    remedy=(
        'Ask the operator whether the hypervisors offer secure boot, or '
        'turn it off at the source.'
    ),
    origin='Nova image property os_secure_boot',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _secure_boot(facts):
    if facts.machine.secure_boot:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.tpm',
    what='%(machine)s has a virtual TPM.',
    why=(
        'Its secrets cannot be read, so that they stay behind: what is '
        'sealed with them (BitLocker, LUKS) asks for its recovery key.'
    ),
    remedy='Have the recovery keys at hand, or suspend BitLocker before.',
    origin='vSphere Security, vTPM; virt-v2v(1) on BitLocker',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _tpm(facts):
    if facts.machine.tpm:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.machine_encrypted',
    what='%(machine)s is encrypted by vSphere.',
    why='What can be read from its datastore are ciphertexts.',
    remedy='Decrypt it by changing its storage policy, then refresh.',
    origin='vSphere Security, virtual machine encryption; OpenVixDiskLib',
    refusal='machine.unsupported',
)
def _encrypted(facts):
    if facts.machine.encrypted:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.passthrough_device',
    what='%(machine)s uses %(device)s of its host.',
    why=(
        'The device stays behind, and vSphere takes no snapshots of a '
        'machine that runs with one.'
    ),
    remedy='Remove the device; choose a flavor that brings what is needed.',
    origin='vSphere Virtual Machine Administration, DirectPath I/O',
    cold=model.WARNING,
    overridable=True,
)
def _passthrough(facts):
    for device in facts.machine.passthrough:
        yield {'machine': facts.machine.name, 'device': device}


@FAMILY.rule(
    code='concern.nested_virtualization',
    what='%(machine)s may run virtual machines itself.',
    why='Not every hypervisor of the cloud offers nested virtualization.',
    remedy='Ask the operator, if the guest really makes use of it.',
    origin='vSphere API, nestedHVEnabled',
    cold=model.INFO,
    warm=model.INFO,
)
def _nested(facts):
    if facts.machine.nested:
        yield {'machine': facts.machine.name}


@FAMILY.rule(
    code='concern.tools_not_running',
    what='VMware Tools are %(state)s in %(machine)s, which is on.',
    why=(
        'The guest cannot be asked to shut down: it is switched off, and '
        'its file systems are as after a power failure.'
    ),
    remedy='Start VMware Tools, or shut the guest down yourself before.',
    origin='vSphere API, ShutdownGuest; vmware-migration-kit#123',
    cold=model.WARNING,
    warm=model.WARNING,
)
def _tools(facts):
    machine = facts.machine
    if machine.power_state == 'on' and machine.tools != 'running':
        yield {'machine': machine.name, 'state': machine.tools}
