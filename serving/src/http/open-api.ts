// The OpenAPI 3.1 document, made of the route table and the schemas.
import { z } from "zod";
import { FORMATS, MEDIA_TYPES } from "../answer/format/formats.ts";
import { type Parameter, ROUTES, type Route } from "./routes.ts";
import {
  answerSchema,
  answersSchema,
  catalogueSchema,
  errorSchema,
  liveSchema,
  reconciliationSchema,
  stateSchema,
  systemSchema,
} from "./schemas.ts";

const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const eventStream = (schema: object) => ({ "text/event-stream": { schema } });
const json = (schema: object) => ({ "application/json": { schema } });

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12" });
  return rest;
}

export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Tandem",
      version,
      description: "Metrics from batch and speed layer, with their intervals.",
    },
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "tdm_<id>_<secret>" },
      },
      schemas: {
        Answer: schemaOf(answerSchema),
        Answers: schemaOf(answersSchema),
        Catalogue: schemaOf(catalogueSchema),
        Document: { type: "object" },
        Error: schemaOf(errorSchema),
        Live: schemaOf(liveSchema),
        Reconciliation: schemaOf(reconciliationSchema),
        State: schemaOf(stateSchema),
        System: schemaOf(systemSchema),
      },
    },
  };
}

const NEXT_LINK = {
  description: 'Of a page with one behind it: its address, with rel="next", in every format',
  schema: { type: "string" },
};
const isLive = (route: Route): boolean => route.schema === "Live";
const otherFormats = (): object =>
  Object.fromEntries(
    FORMATS.filter((f) => f !== "json").map((f) => [
      MEDIA_TYPES[f].split(";")[0],
      { schema: f === "arrow" ? { type: "string", format: "binary" } : { type: "string" } },
    ]),
  );

function operationOf(route: Route): object {
  const asks = route.operation === "queryMetric" || route.operation === "queryMetrics";
  const failure = (description: string) => ({ description, content: json(named("Error")) });
  return {
    operationId: route.operation,
    summary: route.summary,
    security: route.scope === undefined ? [] : [{ key: [] }],
    parameters: route.parameters.map(parameterOf),
    responses: {
      200: {
        description: isLive(route) ? `${route.summary}; the schema is of one event` : route.summary,
        content: {
          ...(isLive(route) ? eventStream : json)(named(route.schema)),
          ...(asks ? otherFormats() : {}),
        },
        ...(asks ? { headers: { Link: NEXT_LINK } } : {}),
      },
      ...(isLive(route)
        ? {
            400: failure("A parameter cannot be; would_work says what can"),
            404: failure("There is no such metric"),
            429: failure("The tenant has too many streams open"),
          }
        : {}),
      ...(asks
        ? {
            304: { description: "The client's answer is still the answer" },
            400: failure("A parameter cannot be; would_work says what can"),
            404: failure("There is no such metric"),
            406: failure("None of the formats asked for"),
            409: failure("Not as fresh as demanded, with the lag"),
            410: failure("The views that the cursor goes on from have changed; begin again"),
            422: failure("It would read too much, with the cost; or is less certain than demanded"),
          }
        : {}),
      ...(route.operation === "reconciliation"
        ? { 400: failure("A parameter cannot be; would_work says what can") }
        : {}),
      ...(route.scope === undefined
        ? {}
        : {
            401: failure("No valid API key"),
            403: failure(`The key has not scope ${route.scope}`),
          }),
      503: failure("Try again after Retry-After seconds"),
    },
  };
}

function parameterOf(p: Parameter): object {
  const one = p.schema
    ? schemaOf(p.schema)
    : { type: "string", ...(p.among ? { enum: p.among } : {}) };
  return {
    name: p.name,
    in: p.in,
    required: p.in === "path" || p.required === true,
    description: p.description,
    schema: p.many ? { type: "array", items: one } : one,
    ...(p.many ? { style: "form", explode: true } : {}),
  };
}
