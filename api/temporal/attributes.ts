import { defineSearchAttributeKey } from '@temporalio/common'
import type { WorkflowExecutionDescription } from '@temporalio/client'
import type { SearchAttributeName } from '../../domain/search-attributes.ts'

/** A keyword attribute of a workflow, undefined when it was never written. */
export function attributeText(
  { typedSearchAttributes }: Pick<WorkflowExecutionDescription, 'typedSearchAttributes'>,
  name: SearchAttributeName,
): string | undefined {
  return typedSearchAttributes.get(defineSearchAttributeKey(name, 'KEYWORD'))
}

/** An integer attribute of a workflow, undefined when it was never written. */
export function attributeNumber(
  { typedSearchAttributes }: Pick<WorkflowExecutionDescription, 'typedSearchAttributes'>,
  name: SearchAttributeName,
): number | undefined {
  return typedSearchAttributes.get(defineSearchAttributeKey(name, 'INT'))
}
