// A stand-in for Terraform's providers: it has their schemas and next to nothing else.
//
// Terraform asks a provider for its schema before it can tell whether a configuration is right. This program answers
// from schemas.json (see extract.py; FEEDGATE_PROVIDER_SCHEMAS names the file), so that `terraform validate`, and tests with `mock_provider`, work where the
// providers cannot be had. Which provider it is, its own name says: terraform-provider-azurerm_v4.73.0. It can neither
// plan nor apply anything. Ephemeral resources, which cannot be mocked, are opened: what they would make up is "stand-in".
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type attribute struct {
	Type      json.RawMessage
	Nested    map[string]attribute
	List      bool
	Required  bool
	Computed  bool
	WriteOnly bool `json:"write_only"`
}

type nested struct {
	Single   bool
	Required bool
	Block    block
}

type block struct {
	Attributes map[string]attribute
	Blocks     map[string]nested
}

type provider struct {
	tfprotov6.ProviderServer // Everything that is not said below: never called, since nothing is applied.
	Source                   string
	Version                  string
	Provider                 block
	Resource                 map[string]block
	Data                     map[string]block
	Ephemeral                map[string]block
}

func typeOf(raw json.RawMessage) tftypes.Type {
	parsed, err := tftypes.ParseJSONType(raw) //nolint:staticcheck // the notation of schemas.json
	if err != nil {
		fmt.Fprintf(os.Stderr, "schemas.json: %s: %v\n", raw, err)
		os.Exit(1)
	}
	return parsed
}

// computed says whether what is not given may be filled in by the provider; the bindings do not tell, so: yes, but for
// what is written once and never kept, and in a provider's own settings.
func schemaAttributes(in map[string]attribute, computed bool) []*tfprotov6.SchemaAttribute {
	out := []*tfprotov6.SchemaAttribute{}
	for name, a := range in {
		one := &tfprotov6.SchemaAttribute{
			Name:      name,
			Required:  a.Required,
			Optional:  !a.Required && !a.Computed,
			Computed:  a.Computed || (computed && !a.Required && !a.WriteOnly),
			WriteOnly: a.WriteOnly,
		}
		if a.Nested == nil {
			one.Type = typeOf(a.Type)
		} else {
			one.NestedType = &tfprotov6.SchemaObject{
				Attributes: schemaAttributes(a.Nested, computed),
				Nesting:    tfprotov6.SchemaObjectNestingModeSingle,
			}
			if a.List {
				one.NestedType.Nesting = tfprotov6.SchemaObjectNestingModeList
			}
		}
		out = append(out, one)
	}
	return out
}

func schemaBlock(in block, computed bool) *tfprotov6.SchemaBlock {
	out := &tfprotov6.SchemaBlock{Attributes: schemaAttributes(in.Attributes, computed)}
	for name, n := range in.Blocks {
		one := &tfprotov6.SchemaNestedBlock{
			TypeName: name,
			Nesting:  tfprotov6.SchemaNestedBlockNestingModeList,
			Block:    schemaBlock(n.Block, computed),
		}
		if name == "timeouts" {
			one.Nesting = tfprotov6.SchemaNestedBlockNestingModeSingle
		} else {
			if n.Single {
				one.MaxItems = 1
			}
			if n.Required {
				one.MinItems = 1
			}
		}
		out.BlockTypes = append(out.BlockTypes, one)
	}
	return out
}

func schemas(in map[string]block) map[string]*tfprotov6.Schema {
	out := map[string]*tfprotov6.Schema{}
	for name, b := range in {
		out[name] = &tfprotov6.Schema{Block: schemaBlock(b, true)}
	}
	return out
}

func (p provider) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	out := &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: false}}
	for name := range p.Resource {
		out.Resources = append(out.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range p.Data {
		out.DataSources = append(out.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	for name := range p.Ephemeral {
		out.EphemeralResources = append(out.EphemeralResources, tfprotov6.EphemeralResourceMetadata{TypeName: name})
	}
	return out, nil
}

func (p provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities:       &tfprotov6.ServerCapabilities{},
		Provider:                 &tfprotov6.Schema{Block: schemaBlock(p.Provider, false)},
		ResourceSchemas:          schemas(p.Resource),
		DataSourceSchemas:        schemas(p.Data),
		EphemeralResourceSchemas: schemas(p.Ephemeral),
	}, nil
}

func (p provider) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (p provider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (p provider) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov6.ValidateEphemeralResourceConfigResponse{}, nil
}

func (p provider) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (p provider) OpenEphemeralResource(_ context.Context, request *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	kind := (&tfprotov6.Schema{Block: schemaBlock(p.Ephemeral[request.TypeName], true)}).ValueType()
	config, err := request.Config.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	values := map[string]tftypes.Value{}
	if err := config.As(&values); err != nil {
		return nil, err
	}
	for name, value := range values {
		if value.IsNull() && value.Type().Is(tftypes.String) {
			values[name] = tftypes.NewValue(tftypes.String, "stand-in")
		}
	}
	result, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	return &tfprotov6.OpenEphemeralResourceResponse{Result: &result}, err
}

func (p provider) CloseEphemeralResource(context.Context, *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{}, nil
}

func (p provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func main() {
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	name, _, _ = strings.Cut(name, "_")
	all := map[string]*provider{}
	document, err := os.ReadFile(os.Getenv("FEEDGATE_PROVIDER_SCHEMAS"))
	if err == nil {
		err = json.Unmarshal(document, &all)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "schemas.json: %v\n", err)
		os.Exit(1)
	}
	found, ok := all[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "schemas.json has no provider `%s`\n", name)
		os.Exit(1)
	}
	serve := func() tfprotov6.ProviderServer { return *found }
	if err := tf6server.Serve("registry.terraform.io/"+found.Source, serve); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
