import { expectNetworkLikeGolden } from '../../support/expectNetwork.ts';

expectNetworkLikeGolden('mlp');
