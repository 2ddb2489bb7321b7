/** What a person may ask of a host, with what it means. */
export const HOST_ACTIONS = [
  [
    'drain',
    {
      label: 'Drain',
      danger: false,
      means:
        'The host takes no new work; when it has finished, its instance is deleted and a new one is made.',
    },
  ],
  [
    'replace',
    { label: 'Replace', danger: true, means: 'The instance is deleted and a new one is made for this host.' },
  ],
  [
    'retire',
    {
      label: 'Retire',
      danger: true,
      means: 'The instance is deleted and this host ends. A fleet that wants more hosts starts another one.',
    },
  ],
  [
    'preserve',
    {
      label: 'Preserve',
      danger: false,
      means:
        'The instance is kept for a person to look at, no longer part of the host, which moves on at once.',
    },
  ],
] as const

export type HostActionKind = (typeof HOST_ACTIONS)[number][0]
