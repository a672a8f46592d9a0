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

"""What can go wrong while a guest is inspected or converted."""

from migrate_service import exceptions


class ApplianceFailed(exceptions.StepFailed):
    code = 'conversion.appliance_failed'
    template = 'The libguestfs appliance failed: %(reason)s'
    remedy = (
        'Read the log of the step. An operator can run libguestfs-test-tool '
        'on the conversion node.'
    )


class InspectionFailed(exceptions.StepFailed):
    code = 'conversion.inspection_failed'
    template = 'The guest could not be inspected: %(reason)s'
    remedy = (
        'Check that the guest boots at the source, or ask for the '
        'conversion "none".'
    )


class ConversionImpossible(exceptions.StepFailed):
    """The requested kind of conversion cannot work on this guest."""

    code = 'conversion.impossible'
    template = 'The conversion "%(requested)s" cannot be done: %(reason)s'
    remedy = 'Ask for the conversion "auto", or correct the guest.'


class GuestHibernated(exceptions.StepFailed):
    code = 'conversion.guest_hibernated'
    template = 'Windows is hibernated or was shut down with fast startup.'
    remedy = (
        'Start the machine at the source, run "powercfg /h off" and '
        '"shutdown /s /t 0" in it, then retry.'
    )


class NoSpace(exceptions.StepFailed):
    code = 'conversion.no_space'
    template = (
        'The guest has %(free)s bytes free on %(path)s; the conversion '
        'needs %(needed)s.'
    )
    remedy = 'Free space in the guest at the source, then retry.'


class DriversMissing(exceptions.StepFailed):
    code = 'conversion.drivers_missing'
    template = 'The conversion node has no virtio drivers for Windows.'
    remedy = (
        'An operator must install virtio-win (and rhsrvany) on the '
        'conversion node or set VIRTIO_WIN in its environment.'
    )


class ConversionFailed(exceptions.StepFailed):
    code = 'conversion.failed'
    template = 'The guest could not be converted: %(reason)s'
    remedy = (
        'Read the log of the step. The copied disks are kept; retry with '
        'another kind of conversion.'
    )
