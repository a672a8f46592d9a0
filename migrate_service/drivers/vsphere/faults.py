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


"""Turn what pyvmomi, TLS and sockets raise into errors with a remedy."""

import contextlib
import http.client
import ssl
import xml.parsers.expat

from pyVmomi import vim
from pyVmomi import vmodl

from migrate_service.drivers import errors

_BUSY = (
    vim.fault.TaskInProgress,
    vim.fault.ConcurrentAccess,
    vim.fault.ResourceInUse,
)


@contextlib.contextmanager
def explained(address, operation, machine=None):
    """Raise a :class:`DriverError` for whatever goes wrong inside.

    :param address: the host, as the user gave it.
    :param operation: what was asked, for the sentence.
    :param machine: key of the machine that it was asked of.
    """
    try:
        yield
    except errors.DriverError:
        raise
    except vmodl.MethodFault as fault:
        raise from_fault(fault, operation, machine) from fault
    except ssl.SSLCertVerificationError as error:
        raise errors.SourceUntrusted(
            address=address, reason=error.verify_message or str(error)
        ) from None
    except ssl.SSLError as error:
        raise errors.SourceNotVsphere(
            address=address, reason=f'TLS failed ({error.reason})'
        ) from None
    except (TimeoutError, OSError, http.client.HTTPException) as error:
        raise _unreachable(address, error) from error
    except (xml.parsers.expat.ExpatError, KeyError, TypeError) as error:
        raise errors.SourceNotVsphere(
            address=address, reason=f'its answer is no SOAP ({error})'
        ) from error


def from_fault(fault, operation, machine=None):
    """Return the :class:`DriverError` that says what the fault means."""
    name = type(fault).__name__.rpartition('.')[2]
    reason = (getattr(fault, 'msg', None) or name).strip()
    if isinstance(fault, vim.fault.InvalidLogin):
        return errors.SourceLoginRefused()
    if isinstance(fault, vim.fault.NoPermission):
        return errors.SourcePrivilegeMissing(
            privilege=fault.privilegeId or 'that it needs',
            object=machine or 'an object',
        )
    if isinstance(fault, vmodl.fault.ManagedObjectNotFound) and machine:
        return errors.MachineGone(machine=machine)
    kind = errors.SourceFault
    if isinstance(fault, _BUSY):
        kind = errors.SourceBusy
    return kind(fault=name, operation=operation, reason=reason)


def _unreachable(address, error):
    text = str(error) or type(error).__name__
    if isinstance(error, http.client.HTTPException) and text[:3] in (
        '400',
        '401',
        '403',
        '404',
        '405',
    ):
        return errors.SourceNotVsphere(address=address, reason=text)
    return errors.SourceUnreachable(address=address, reason=text)
