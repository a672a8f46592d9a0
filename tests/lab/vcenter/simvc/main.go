// Licensed under the Apache License, Version 2.0 (the "License"); you may
// not use this file except in compliance with the License. You may obtain
// a copy of the License at
//
//      http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
// WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
// License for the specific language governing permissions and limitations
// under the License.

// Command simvc is the lab's vCenter: govmomi's simulator with real disk
// contents, snapshots that freeze them, changed block tracking, guests that
// shut down, exports, authenticated downloads and faults on demand.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

// config is read from a file, so that no secret is in argv.
type config struct {
	Listen         string `json:"listen"`
	User           string `json:"user"`
	Password       string `json:"password"`
	Certificate    string `json:"certificate"` // PEM files
	Key            string `json:"key"`
	CA             string `json:"ca"`
	Inventory      string `json:"inventory"`
	Images         string `json:"images"`     // folder of the disk images
	Datastores     string `json:"datastores"` // folder of the datastores
	Machines       int    `json:"machines"`   // more of them, without content
	SessionTimeout string `json:"session_timeout"`
	GuestProgram   string `json:"guest_program"` // guests/program.py
}

func readConfig(name string) (config, error) {
	conf := config{SessionTimeout: "30m"}
	text, err := os.ReadFile(name)
	if err != nil {
		return conf, err
	}
	return conf, json.Unmarshal(text, &conf)
}

// start builds the inventory and serves it; the server is to be closed.
func start(conf config) (*sim, *simulator.Server, error) {
	inventory, err := readInventory(conf.Inventory)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := tls.LoadX509KeyPair(conf.Certificate, conf.Key)
	if err != nil {
		return nil, nil, err
	}
	s := newSim(conf, inventory)
	if err := s.createService(); err != nil {
		return nil, nil, err
	}
	if err := s.build(); err != nil {
		return nil, nil, err
	}
	s.service.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.routes(s.service.ServeMux)
	server := s.service.NewServer()
	ctx := context.Background()
	transport := soap.NewClient(server.URL, false)
	if err := transport.SetRootCAs(conf.CA); err != nil {
		return nil, nil, err
	}
	if s.client, err = vim25.NewClient(ctx, transport); err != nil {
		return nil, nil, err
	}
	err = s.attachTags(ctx)
	if s.client, err = vim25.NewClient(ctx, s.service); err != nil {
		return nil, nil, err
	}
	return s, server, err
}

// createService makes an empty vCenter that hands its calls to us.
func (s *sim) createService() error {
	model := simulator.VPX()
	model.Datacenter = 0
	model.ServiceContent.About.ApiVersion = "8.0.3.0"
	model.ServiceContent.About.Version = "8.0.3"
	if err := model.Create(); err != nil {
		return err
	}
	s.service = model.Service
	registry := s.registry()
	registry.AddHandler(&watcher{sim: s})
	registry.Handler = s.dispatch
	registry.OptionManager().UpdateOptions(&types.UpdateOptions{ChangedValue: []types.BaseOptionValue{
		&types.OptionValue{Key: "config.vmacore.soap.sessionTimeout", Value: s.conf.SessionTimeout},
	}})
	s.addGuests(*model.ServiceContent.GuestOperationsManager)
	s.service.RegisterEndpoints = true
	s.service.Listen = &url.URL{Host: s.conf.Listen, User: url.UserPassword(s.conf.User, s.conf.Password)}
	if s.service.ServeMux == nil {
		s.service.ServeMux = http.NewServeMux()
	}
	var err error
	s.client, err = vim25.NewClient(context.Background(), s.service)
	return err
}

func main() {
	file := flag.String("config", "", "JSON file with the configuration")
	flag.Parse()
	conf, err := readConfig(*file)
	if err != nil {
		log.Fatal(err)
	}
	_, server, err := start(conf)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("READY %s\n", server.URL.Host)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
	os.Exit(0) // nothing here outlives the process
}
