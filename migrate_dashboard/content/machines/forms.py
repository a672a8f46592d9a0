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


"""The steps of the wizard: mapping and options."""

from django import forms
from django.utils.translation import gettext_lazy as _


class MappingForm(forms.Form):
    """Where each network and datastore in use leads to.

    :param choices: a :class:`choices.Choices`.
    """

    volume_type = forms.ChoiceField(
        label=_('Volume type'),
        required=False,
        help_text=_('For every disk whose datastore says nothing else.'),
    )

    def __init__(self, choices, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices
        types = [('', _('the default of the cloud')), *choices.volume_types]
        self.fields['volume_type'].choices = types
        by_name = {name: key for key, name in choices.targets}
        for key, (name, users) in choices.networks.items():
            self.fields[f'network:{key}'] = forms.ChoiceField(
                label=name,
                choices=[('', _('– not mapped –')), *choices.targets],
                initial=by_name.get(name, ''),
                help_text=', '.join(users[:5]),
                error_messages={
                    'required': _('Choose the network that it leads to.')
                },
            )
        other = [('', _('as above')), *choices.volume_types]
        for key, (name, users) in choices.datastores.items():
            self.fields[f'datastore:{key}'] = forms.ChoiceField(
                label=name,
                choices=other,
                required=False,
                help_text=', '.join(users[:5]),
            )

    def _named(self, prefix):
        return [self[one] for one in self.fields if one.startswith(prefix)]

    def network_fields(self):
        return self._named('network:')

    def datastore_fields(self):
        return self._named('datastore:')

    def unmapped(self):
        """Return how many networks lead nowhere yet."""
        return sum(not one.value() for one in self.network_fields())

    def attributes(self):
        """Return what of an assessment the mapping is."""
        data = self.cleaned_data
        return {
            'volume_type': data['volume_type'] or None,
            'networks': [
                {'source': name.partition(':')[2], 'network_id': value}
                for name, value in data.items()
                if name.startswith('network:')
            ],
            'volume_types': [
                {'datastore': name.partition(':')[2], 'volume_type': value}
                for name, value in data.items()
                if name.startswith('datastore:') and value
            ],
        }


class OptionsForm(forms.Form):
    kind = forms.ChoiceField(
        label=_('How to move'),
        widget=forms.RadioSelect,
        initial='warm',
        choices=(
            (
                'warm',
                _(
                    'Warm: copied while the machine runs, short downtime at '
                    'a cutover that you ask for'
                ),
            ),
            (
                'cold',
                _('Cold: the machine is shut down first, then copied'),
            ),
        ),
    )
    convert = forms.ChoiceField(
        label=_('Conversion of the guest'),
        initial='auto',
        choices=(
            ('auto', _('What the guest needs (recommended)')),
            ('none', _('None')),
            ('minimal', _('Minimal: drivers and network names')),
            ('full', _('Full: virt-v2v')),
        ),
    )
    flavor_id = forms.ChoiceField(
        label=_('Flavor'),
        required=False,
        help_text=_('Automatic: the smallest that the machine fits in.'),
    )
    keep_ip = forms.BooleanField(
        label=_('Keep the IP addresses'), required=False, initial=True
    )
    keep_mac = forms.BooleanField(
        label=_('Keep the MAC addresses'), required=False, initial=True
    )

    def __init__(self, choices, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields['flavor_id'].choices = [
            ('', _('Automatic')),
            *choices.flavors,
        ]

    def attributes(self):
        """Return what of an assessment the options are."""
        return self.cleaned_data | {
            'flavor_id': self.cleaned_data['flavor_id'] or None
        }
