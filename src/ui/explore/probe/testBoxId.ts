/** Where "Try this text" leads. */
export const TEST_BOX_ID = 'test-text';
