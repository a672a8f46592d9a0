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


"""Forms of mappings: making one, and the two sides of it."""

from django import forms as fields
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import forms
from openstack_dashboard.api import cinder
from openstack_dashboard.api import neutron

from migrate_dashboard import api


class CreateForm(forms.SelfHandlingForm):
    name = fields.CharField(label=_('Name'), max_length=255)
    source_id = fields.ChoiceField(label=_('Source'))
    description = fields.CharField(
        label=_('Description'), required=False, max_length=255
    )

    def __init__(self, request, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        sources = api.call(request, 'sources', sort_key='name')
        self.fields['source_id'].choices = [
            (one.id, one.name) for one in sources
        ]

    def handle(self, request, data):
        attributes = {key: value for key, value in data.items() if value}
        try:
            return api.call(request, 'create_mapping', **attributes)
        except exceptions.HorizonException as error:
            self.api_error(str(error))
            return False


class EditForm(fields.Form):
    """Each network and datastore of the source beside where it leads.

    Those that lead nowhere and that machines use come first; ``suggested``
    of a field is what has the same name in the project.

    :param mapping: the mapping as it is.
    :param open: what it leaves open of all machines, as the service says.
    """

    volume_type = fields.ChoiceField(
        label=_('Volume type of all other disks'), required=False
    )

    def __init__(self, request, mapping, open, data=None):
        super().__init__(data, initial={'volume_type': mapping.volume_type})
        self.mapping = mapping
        types = [
            (one.name, one.name) for one in cinder.volume_type_list(request)
        ]
        targets = [
            (one.id, one.name_or_id)
            for one in neutron.network_list_for_tenant(
                request, request.user.project_id
            )
        ]
        self.fields['volume_type'].choices = [
            ('', _('the default of the cloud')),
            *types,
        ]
        self._sides(
            'network',
            api.call(request, 'source_networks', mapping.source_id),
            {one['source']: one['network_id'] for one in mapping.networks},
            {one['source']: one['machine_ids'] for one in open['networks']},
            [('', _('– not mapped –')), *targets],
        )
        self._sides(
            'datastore',
            api.call(request, 'source_datastores', mapping.source_id),
            {
                one['datastore']: one['volume_type']
                for one in mapping.volume_types
            },
            {},
            [('', _('as all other disks')), *types],
        )

    def _sides(self, kind, places, mapped, open, choices):
        by_name = {str(name).casefold(): key for key, name in choices if key}

        def order(place):
            return (place.id in mapped, -len(open.get(place.id, ())))

        known = {key for key, _name in choices}
        for place in sorted(places, key=order):
            now = mapped.get(place.id, '')
            unknown = [] if now in known else [(now, now)]
            field = fields.ChoiceField(
                label=place.name,
                choices=choices + unknown,
                required=False,
                initial=now,
            )
            field.users = len(open.get(place.id, ()))
            field.suggested = (
                by_name.get(place.name.casefold())
                if place.id not in mapped
                else None
            )
            self.fields[f'{kind}:{place.id}'] = field

    def _named(self, prefix):
        return [self[one] for one in self.fields if one.startswith(prefix)]

    def network_fields(self):
        return self._named('network:')

    def datastore_fields(self):
        return self._named('datastore:')

    def suggestions(self):
        """Return ``{name of a field: what has the same name}``."""
        return {
            name: field.suggested
            for name, field in self.fields.items()
            if getattr(field, 'suggested', None)
        }

    def unmapped(self):
        """Return how many networks that machines use lead nowhere."""
        return sum(
            one.field.users > 0 and not one.value()
            for one in self.network_fields()
        )

    def attributes(self):
        """Return what of a mapping was chosen; entries keep their rest."""
        old = {one['source']: one for one in self.mapping.networks}
        chosen = {
            name: value for name, value in self.cleaned_data.items() if value
        }
        networks = []
        for name, value in chosen.items():
            kind, _colon, key = name.partition(':')
            if kind == 'network':
                entry = old.get(key, {})
                if entry.get('network_id') != value:
                    entry = {
                        one: entry[one]
                        for one in ('keep_mac', 'keep_ip')
                        if one in entry
                    }
                networks.append(entry | {'source': key, 'network_id': value})
        return {
            'volume_type': chosen.get('volume_type'),
            'networks': networks,
            'volume_types': [
                {'datastore': name.partition(':')[2], 'volume_type': value}
                for name, value in chosen.items()
                if name.startswith('datastore:')
            ],
        }
