import { z } from 'zod'
import { FLEET_NAME } from '../ids.ts'
import { envName, text } from './fields.ts'
import { isBaseUrl } from './base-url.ts'

/** Where Atlassian's own API is. */
export const STATUSPAGE_ENDPOINT = 'https://api.statuspage.io/v1'

const ENDPOINT = 'expected the http:// or https:// URL of a Statuspage API, without user, query and fragment'
const ID = /^[A-Za-z0-9]{1,64}$/

export const statuspageSchema = z
  .strictObject({
    pageId: text(ID, 'the id of a page, as the API page of Statuspage shows it').meta({
      description: 'Id of the page.',
    }),
    apiKeyEnv: envName('the API key of Statuspage'),
    endpoint: z
      .string({ error: ENDPOINT })
      .refine(isBaseUrl, { error: ENDPOINT })
      .transform((value) => value.replace(/\/+$/, ''))
      .optional()
      .meta({
        description: 'Another API than that of Atlassian. Beside an emulated cloud its emulator is asked.',
        default: STATUSPAGE_ENDPOINT,
      }),
    components: z
      .record(text(FLEET_NAME, 'the name of a fleet'), text(ID, 'the id of a component of the page'))
      .default({})
      .meta({ description: 'Name of a fleet of this file → id of the component that shows how it is.' }),
    incidents: z
      .strictObject({
        holds: z.boolean().default(true).meta({
          description: 'Whether holds of the breaker, on boots that fail, become incidents.',
        }),
        freezes: z.boolean().default(true).meta({
          description: 'Whether fleets that stand still because many hosts are silent become incidents.',
        }),
      })
      .prefault({})
      .meta({ description: 'What becomes an incident; components follow in either case.' }),
    notify: z.boolean().default(false).meta({
      description: 'Whether subscribers of the page are told when an incident opens and when it is resolved.',
    }),
  })
  .meta({ description: 'The page on statuspage.io that is told how fleets are (docs/statuspage.md).' })

export type StatuspageFile = z.output<typeof statuspageSchema>
